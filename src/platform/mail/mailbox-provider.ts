/** A company that keeps the mailboxes of many domains, and judges a sender by all of its mail. */
export type MailboxProvider = (typeof PROVIDERS)[number]['name'];

/** The domains of consumer mailboxes, as the providers' own pages name them. */
const PROVIDERS = [
  { name: 'Gmail', domains: /^(gmail|googlemail)\.com$/ },
  { name: 'Microsoft', domains: /^((outlook|hotmail|live)\.[a-z]{2,3}(\.[a-z]{2})?|msn\.com)$/ },
  { name: 'Yahoo', domains: /^((yahoo|aol)\.[a-z]{2,3}(\.[a-z]{2})?|(ymail|rocketmail|aim)\.com)$/ },
  { name: 'Apple', domains: /^(icloud|me|mac)\.com$/ },
  { name: 'GMX and web.de', domains: /^(gmx\.(de|net|at|ch|com)|web\.de)$/ },
  { name: 'Telekom', domains: /^(t-online|magenta)\.de$/ },
  { name: 'Orange', domains: /^(orange|wanadoo)\.fr$/ },
  { name: 'Comcast', domains: /^(comcast|xfinity)\.(net|com)$/ },
  { name: 'Mail.ru', domains: /^(mail|inbox|list|bk)\.ru$/ },
  { name: 'Yandex', domains: /^(yandex\.(ru|com|by|kz)|ya\.ru)$/ },
  { name: 'Tencent', domains: /^(qq|foxmail)\.com$/ },
  { name: 'NetEase', domains: /^(163|126|yeah)\.(com|net)$/ },
  { name: 'Proton', domains: /^(proton|protonmail|pm)\.(me|com)$/ },
] as const;

export const mailboxProviders: readonly MailboxProvider[] = PROVIDERS.map(({ name }) => name);

/** Undefined: a domain of its own, of a company for example. @param domain in lower case */
export function mailboxProviderOf(domain: string): MailboxProvider | undefined {
  return PROVIDERS.find(({ domains }) => domains.test(domain))?.name;
}
