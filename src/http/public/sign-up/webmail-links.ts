import { domainOf } from '../../../platform/mail/address.js';

export type WebmailLink = { name: string; url: string };

const hosts: readonly (WebmailLink & { domains: string })[] = [
  { name: 'Gmail', url: 'https://mail.google.com/', domains: 'gmail.com googlemail.com' },
  {
    name: 'Outlook',
    url: 'https://outlook.live.com/mail/',
    domains: 'outlook.com hotmail.com live.com msn.com',
  },
  {
    name: 'Yahoo Mail',
    url: 'https://mail.yahoo.com/',
    domains: 'yahoo.com ymail.com yahoo.co.uk yahoo.de yahoo.fr',
  },
  { name: 'iCloud Mail', url: 'https://www.icloud.com/mail', domains: 'icloud.com me.com mac.com' },
  { name: 'Proton Mail', url: 'https://mail.proton.me/', domains: 'proton.me protonmail.com pm.me' },
  { name: 'Fastmail', url: 'https://app.fastmail.com/', domains: 'fastmail.com fastmail.fm' },
  { name: 'GMX', url: 'https://www.gmx.net/', domains: 'gmx.net gmx.de gmx.at gmx.com' },
];

const byDomain = new Map(
  hosts.flatMap((host) => host.domains.split(' ').map((domain) => [domain, host] as const)),
);

/** The webmail of a well-known mail domain, from a fixed list; nothing is looked up. */
export function findWebmailLink(email: string): WebmailLink | undefined {
  const host = byDomain.get(domainOf(email));
  return host && { name: host.name, url: host.url };
}
