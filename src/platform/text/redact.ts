/** Text without mail addresses, for logs, and for server replies, which are stored and shown. */
export function redactAddresses(text: string): string {
  return text.replaceAll(/[^\s<>"'(),;:]+@[^\s<>"'(),;:]+/g, '…');
}

/** Text without this address, in upper or lower case. */
export function redactAddress(text: string, address: string): string {
  if (!text.toLowerCase().includes(address.toLowerCase())) return text;
  return text.replace(new RegExp(address.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'gi'), '…');
}

const URL_TEXT = /([a-z][a-z0-9+.-]*:\/\/)(\S*?)([)\]"'<>`.,;]*)(?=\s|$)/gi;

/** Hosts without a colon or with a port, and what may follow them: nothing of it is a user or a password. */
const WITHOUT_CREDENTIALS =
  /^(?:[^/?#:@]*(?:[/?#].*)?|(?:\[[0-9a-f:.]*\]|[^/?#:@]*)(?::\d{1,5})?(?:[/?#][^@]*)?)$/i;

/**
 * Text in which no address has a user or a password. `scheme://user:secret@host` keeps its scheme and its host; where the
 * address is cut short or not encoded, so that a password may stand anywhere behind the colon, it keeps the scheme only.
 */
export function redactCredentials(text: string): string {
  if (!text.includes('://')) return text;
  return text.replace(URL_TEXT, (address: string, scheme: string, rest: string, end: string) => {
    if (WITHOUT_CREDENTIALS.test(rest)) return address;
    const host = /^[^/?#@]*@([a-z0-9.-]+(?::\d{1,5})?(?:\/[^@]*)?)$/i.exec(rest)?.[1];
    return host === undefined ? `${scheme}…` : `${scheme}…@${host}${end}`;
  });
}
