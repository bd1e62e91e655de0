/** Forwarding services, which blocklists name too: they last like any mailbox, and readers use them to hide their address. */
const FORWARDING_DOMAINS = new Set(
  `duck.com privaterelay.appleid.com icloud.com mozmail.com relay.firefox.com passmail.net passmail.com passinbox.com
   passfwd.com simplelogin.com simplelogin.co simplelogin.fr aleeas.com slmail.me slmails.com silomails.com dralias.com
   8alias.com 8shield.net addy.io anonaddy.com anonaddy.me addymail.com mailer.me opayq.com maskmy.id erine.email
   33mail.com spamgourmet.com cloaked.id mymaskedmail.com`.split(/\s+/),
);

let blocklist: Promise<ReadonlySet<string>> | undefined;

/**
 * Whether this is a domain of throw-away mailboxes, or below one. The list is loaded with the first address.
 * @param domain A-labels, in lower case
 */
export async function isDisposableDomain(domain: string): Promise<boolean> {
  const domains = withParentDomains(domain);
  if (domains.some((one) => FORWARDING_DOMAINS.has(one))) return false;
  blocklist ??= readBlocklist();
  const disposable = await blocklist;
  return domains.some((one) => disposable.has(one));
}

/** inbox.mail.example: itself and mail.example, without the top-level domain. */
function withParentDomains(domain: string): string[] {
  const labels = domain.split('.');
  return labels.slice(0, -1).map((_, at) => labels.slice(at).join('.'));
}

async function readBlocklist(): Promise<ReadonlySet<string>> {
  const { disposableEmailBlocklistSet } = await import('disposable-email-domains-js');
  return disposableEmailBlocklistSet();
}
