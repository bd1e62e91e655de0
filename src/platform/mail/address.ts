import { domainToASCII, domainToUnicode } from 'node:url';

/**
 * Whether this can be written between the angle brackets of an envelope (RFC 5321 section 4.1.2) and into a header. Control
 * characters, spaces and angle brackets could end the command or header and begin another (injection), so they are refused,
 * also in a quoted local part.
 */
export function isMailable(address: string): boolean {
  return /^[^\p{Cc}\p{Z}<>]+@[^\p{Cc}\p{Z}<>@]+$/u.test(address);
}

/** The part behind the @, in lower case, without conversion to A-labels. */
export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1).toLowerCase();
}

/** Whether the local part is beyond ASCII, so that every server on the way has to offer SMTPUTF8 (RFC 6531). */
export function needsSmtpUtf8(address: string): boolean {
  return /[^\0-\x7f]/.test(address.slice(0, address.lastIndexOf('@')));
}

/**
 * The address for SMTP: its domain in A-labels (RFC 5890). A domain that cannot be converted stays, for the server to
 * refuse.
 */
export function withAsciiDomain(address: string): string {
  const at = address.lastIndexOf('@');
  const domain = address.slice(at + 1);
  if (/^[\0-\x7f]*$/.test(domain)) return address;
  return `${address.slice(0, at)}@${domainToASCII(domain) || domain}`;
}

/** The address for people: its domain in U-labels (RFC 5890). Not for SMTP. */
export function withUnicodeDomain(address: string): string {
  // A fast way for most addresses: this runs once for each mail.
  if (!/[@.]xn--/i.test(address)) return address;
  const at = address.lastIndexOf('@');
  return `${address.slice(0, at)}@${domainToUnicode(address.slice(at + 1))}`;
}
