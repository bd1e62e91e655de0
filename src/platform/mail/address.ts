import { domainToASCII, domainToUnicode } from 'node:url';

/**
 * May this be written between the angle brackets of an envelope (RFC 5321 section 4.1.2) or into a header? Control
 * characters, spaces and angle brackets could end the command or header and begin another (injection), so quoted local
 * parts that hold them are refused as well.
 */
export function isMailable(address: string): boolean {
  return /^[^\p{Cc}\p{Z}<>]+@[^\p{Cc}\p{Z}<>@]+$/u.test(address);
}

/** The part behind the @, as written but in lower case: rates, circuits and signatures use it so. */
export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1).toLowerCase();
}

/** A local part beyond ASCII needs SMTPUTF8 from every server on its way (RFC 6531). */
export function needsSmtpUtf8(address: string): boolean {
  return /[^\0-\x7f]/.test(address.slice(0, address.lastIndexOf('@')));
}

/** The address as SMTP takes it: its domain in A-labels (RFC 5890). A domain that has none is left for the server to refuse. */
export function withAsciiDomain(address: string): string {
  const at = address.lastIndexOf('@');
  const domain = address.slice(at + 1);
  if (/^[\0-\x7f]*$/.test(domain)) return address;
  return `${address.slice(0, at)}@${domainToASCII(domain) || domain}`;
}

/** The address as its owner reads it: its domain in U-labels (RFC 5890). Never for SMTP. */
export function withUnicodeDomain(address: string): string {
  // Most have none, and this runs once for each mail.
  if (!/[@.]xn--/i.test(address)) return address;
  const at = address.lastIndexOf('@');
  return `${address.slice(0, at)}@${domainToUnicode(address.slice(at + 1))}`;
}
