import { domainToASCII } from 'node:url';
import validator from 'validator';

export type Address = {
  /** As she wrote it, with the domain as A-labels in lower case: what goes on the wire. */
  email: string;
  /** Folded: one person each, whatever case or form of the domain she typed. */
  key: string;
};

export type ParsedAddress = { kind: 'address'; address: Address } | { kind: 'malformed' };

/** RFC 5321 section 4.5.3.1, in octets. */
const MAX_LOCAL_PART_BYTES = 64;
const MAX_ADDRESS_BYTES = 254;

/** What copying leaves at the ends: spaces, and the invisible marks that right-to-left pages put around an address. */
const SURROUNDING_BLANKS = /^[\s\p{Cf}]+|[\s\p{Cf}]+$/gu;
/** Words of atext or letters of any script, dots between them: a Dot-string of RFC 5321 as RFC 6531 widens it. */
const DOT_STRING =
  /^[\w!#$%&'*+\-/=?^`{|}~\u{80}-\u{10ffff}]+(\.[\w!#$%&'*+\-/=?^`{|}~\u{80}-\u{10ffff}]+)*$/u;

/**
 * Reads an address a visitor typed. Accepts what real servers accept: plus tags, apostrophes, letters of any script
 * (RFC 6531), full-width forms as an input method leaves them. Refuses anything with control, bidi or format
 * characters or spaces, address literals, and quoted local parts: RFC 5321 allows those, hardly any mailbox has one, and
 * what a parser takes for a quote it may take for the end of an address. Two dots in a row need quotes, so they go too.
 */
export function parseAddress(text: string): ParsedAddress {
  const typed = toHalfWidth(text).replaceAll(SURROUNDING_BLANKS, '').normalize('NFC');
  const at = typed.lastIndexOf('@');
  const local = typed.slice(0, at);
  const domain = domainToASCII(typed.slice(at + 1)).toLowerCase();
  const email = `${local}@${domain}`;
  if (at < 1 || !isHostName(typed.slice(at + 1)) || !isPlainLocalPart(local)) return { kind: 'malformed' };
  if (!validator.isFQDN(domain) || Buffer.byteLength(email) > MAX_ADDRESS_BYTES) return { kind: 'malformed' };
  return { kind: 'address', address: { email, key: email.toLowerCase() } };
}

/**
 * What one character too many makes of an address: a blank within it, a dot at its end. Undefined for a text that is wrong
 * in another way.
 */
export function addressMistake(text: string): 'blank' | 'dot' | undefined {
  const typed = toHalfWidth(text).replaceAll(SURROUNDING_BLANKS, '');
  if (typed.split('@').length !== 2) return undefined;
  if (/\s/.test(typed)) return 'blank';
  return typed.endsWith('.') ? 'dot' : undefined;
}

/** r•••••@example.com: enough to recognise her own address, not enough to learn another's. */
export function maskAddress(email: string): string {
  const at = email.lastIndexOf('@');
  const [first = ''] = email.slice(0, at);
  return `${first}•••••${email.slice(at)}`;
}

/** Full-width forms of ASCII are the same letters, as RFC 8264 section 5.2.1 maps them. */
function toHalfWidth(text: string): string {
  return text.replaceAll(/[\uff01-\uff5e]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0));
}

function isPlainLocalPart(local: string): boolean {
  // Control, format and separator characters have no place in an address that a person reads and a server parses.
  if (/[\p{C}\p{Z}]/u.test(local) || Buffer.byteLength(local) > MAX_LOCAL_PART_BYTES) return false;
  return DOT_STRING.test(local);
}

/** The URL parser behind domainToASCII is forgiving: it drops line ends, decodes %61, and stops at a slash. */
function isHostName(domain: string): boolean {
  return !/[\p{Cc}\p{Z}\\/?#%]/u.test(domain);
}
