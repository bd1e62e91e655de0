import { domainToASCII, domainToUnicode } from 'node:url';

/**
 * May this be written between the angle brackets of an envelope or into a header? Control characters, spaces and angle
 * brackets could end the command and begin another (S36), so quoted local parts that hold them are refused as well.
 */
export function isMailable(address: string): boolean {
  return /^[^\p{Cc}\p{Z}<>]+@[^\p{Cc}\p{Z}<>@]+$/u.test(address);
}

/** What stands behind the @, as written but in lower case: how rates, circuits and signatures name it. */
export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1).toLowerCase();
}

/** A local part beyond ASCII needs SMTPUTF8 from every server on its way (RFC 6531). */
export function needsSmtpUtf8(address: string): boolean {
  return /[^\0-\x7f]/.test(address.slice(0, address.lastIndexOf('@')));
}

/** The address as it goes on the wire: its domain in A-labels. A domain that has none is left for the server to refuse. */
export function withAsciiDomain(address: string): string {
  const at = address.lastIndexOf('@');
  const domain = address.slice(at + 1);
  if (/^[\0-\x7f]*$/.test(domain)) return address;
  return `${address.slice(0, at)}@${domainToASCII(domain) || domain}`;
}

/** The address as its owner reads it: the labels of its domain as letters of her script. Never for the wire. */
export function withUnicodeDomain(address: string): string {
  // Most have none: this is asked once a mail.
  if (!/[@.]xn--/i.test(address)) return address;
  const at = address.lastIndexOf('@');
  return `${address.slice(0, at)}@${domainToUnicode(address.slice(at + 1))}`;
}
