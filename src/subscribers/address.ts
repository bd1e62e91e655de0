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
const LONGEST_LOCAL_PART = 64;
const LONGEST_ADDRESS = 254;

/**
 * Reads an address a visitor typed. Accepts what real servers accept (plus tags, apostrophes, internationalised);
 * refuses quoted local parts, address literals and anything with control characters or spaces inside.
 */
export function parseAddress(text: string): ParsedAddress {
  const typed = text.trim().normalize('NFC');
  const at = typed.lastIndexOf('@');
  const local = typed.slice(0, at);
  const domain = domainToASCII(typed.slice(at + 1)).toLowerCase();
  const email = `${local}@${domain}`;
  if (at < 1 || domain === '' || !isHostName(typed.slice(at + 1)) || !isPlain(local) || !isSent(email, local))
    return { kind: 'malformed' };
  return { kind: 'address', address: { email, key: email.toLowerCase() } };
}

/** r•••••@example.com: enough to recognise her own address, not enough to learn another's. */
export function maskAddress(email: string): string {
  const at = email.lastIndexOf('@');
  const [first = ''] = email.slice(0, at);
  return `${first}•••••${email.slice(at)}`;
}

function isPlain(local: string): boolean {
  // Control, format and separator characters have no place in an address that a person reads and a server parses.
  return !/[\p{C}\p{Z}"<>()[\],;:\\@]/u.test(local) && Buffer.byteLength(local) <= LONGEST_LOCAL_PART;
}

/** The URL parser behind domainToASCII is forgiving: it drops line ends, decodes %61, and stops at a slash. */
function isHostName(domain: string): boolean {
  return !/[\p{Cc}\p{Z}\\/?#%]/u.test(domain);
}

function isSent(email: string, local: string): boolean {
  if (Buffer.byteLength(email) > LONGEST_ADDRESS || local.startsWith('.') || local.endsWith('.'))
    return false;
  return validator.isEmail(email, { allow_utf8_local_part: true, require_tld: true });
}
