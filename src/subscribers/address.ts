import { domainToASCII, domainToUnicode } from 'node:url';
import validator from 'validator';
import { domainOf } from '../platform/mail/address.js';

export type Address = {
  /** As it was typed, with the domain as A-labels in lower case: what SMTP is given. */
  email: string;
  /** In lower case: the same for every spelling of an address, so that a person has one. */
  key: string;
};

export type ParsedAddress = { kind: 'address'; address: Address } | { kind: 'malformed' };

/** RFC 5321 section 4.5.3.1, in octets. */
const MAX_LOCAL_PART_BYTES = 64;
const MAX_ADDRESS_BYTES = 254;

/** Copying leaves spaces at the ends, a line end, and the invisible marks that right-to-left pages put around an address. */
const SURROUNDING_BLANKS = /^[\p{Cf}\p{Zs}\t]*|[\p{Cf}\p{Zs}\t]*(?:\r\n|\r|\n)?[\p{Cf}\p{Zs}\t]*$/gu;
/** As mail programs copy an address: `Ada Quay <ada@example.com>`. */
const MAILBOX = /^([^<>\p{C}]*)<([^<>]+)>$/u;
/** A Dot-string: words of atext with dots between them (RFC 5321 section 4.1.2), or of any script (RFC 6531 section 3.3). */
const DOT_STRING =
  /^[\w!#$%&'*+\-/=?^`{|}~\u{80}-\u{10ffff}]+(\.[\w!#$%&'*+\-/=?^`{|}~\u{80}-\u{10ffff}]+)*$/u;

/** Letters, digits and the commonest marks of ASCII, at a domain of which no label is an encoding (`hasReservedLabel`). */
const PLAIN_ADDRESS =
  /^[\w+-]+(?:\.[\w+-]+)*@(?:(?!..--)[A-Za-z\d](?:[A-Za-z\d-]{0,61}[A-Za-z\d])?\.)+[A-Za-z]{2,63}$/;

/**
 * A name as people read it (RFC 5892): letters, marks and digits of any script, its exceptions (section 2.6), and joiners and marks
 * that need a neighbour of their script (appendix A). UTS 46, by which `domainToASCII` goes, takes symbols and punctuation too.
 */
const U_LABEL =
  /^(?:(?!\u0640|\u07fa|\u302e|\u302f|[\u3031-\u3035]|\u303b)[\p{Ll}\p{Lo}\p{Lm}\p{Mn}\p{Mc}\p{Nd}\-\u06fd\u06fe\u0f0b\u3007\u30fb\u200c\u200d]|(?<=l)\u00b7(?=l)|\u0375(?=\p{Script=Greek})|(?<=\p{Script=Hebrew})[\u05f3\u05f4])+$/u;

/**
 * Parses an address as a visitor typed it. Accepts plus tags, apostrophes, letters of any script (RFC 6531), and full-width
 * forms as an input method leaves them. Refuses control, bidi and format characters, spaces, address literals, and quoted
 * local parts, with them two dots in a row: RFC 5321 allows quotes, but hardly any mailbox has them, and parsers disagree on
 * where a quoted address ends.
 */
export function parseAddress(text: string): ParsedAddress {
  return parsePlain(text) ?? parseTyped(text);
}

/** Nearly all addresses, of which an import has millions: the same result without looking at all that others may have. */
function parsePlain(text: string): ParsedAddress | undefined {
  if (text.length > MAX_ADDRESS_BYTES || !PLAIN_ADDRESS.test(text)) return undefined;
  const at = text.indexOf('@');
  if (at > MAX_LOCAL_PART_BYTES) return undefined;
  const email = text.slice(0, at) + text.slice(at).toLowerCase();
  return { kind: 'address', address: { email, key: email.toLowerCase() } };
}

function parseTyped(text: string): ParsedAddress {
  const typed = readMailbox(trim(text)).normalize('NFC');
  const at = typed.lastIndexOf('@');
  const local = typed.slice(0, at);
  const domain = domainToASCII(typed.slice(at + 1)).toLowerCase();
  const email = `${local}@${domain}`;
  if (at < 1 || !isHostName(typed.slice(at + 1)) || !isPlainLocalPart(local)) return { kind: 'malformed' };
  if (!validator.isFQDN(domain) || hasReservedLabel(domain)) return { kind: 'malformed' };
  if (Buffer.byteLength(email) > MAX_ADDRESS_BYTES) return { kind: 'malformed' };
  return { kind: 'address', address: { email, key: email.toLowerCase() } };
}

/** A domain as addresses have it, in A-labels and lower case; undefined: no mail can be addressed to one of this name. */
export function parseDomain(text: string): string | undefined {
  const parsed = parseAddress(`postmaster@${trim(text).replace(/^@/, '')}`);
  return parsed.kind === 'address' ? domainOf(parsed.address.email) : undefined;
}

/** Whether a malformed address has a blank within it or a dot at its end; undefined: something else is wrong. */
export function addressMistake(text: string): 'blank' | 'dot' | undefined {
  const typed = trim(text);
  if (typed.split('@').length !== 2) return undefined;
  if (/\s/.test(typed)) return 'blank';
  return typed.endsWith('.') ? 'dot' : undefined;
}

/** r•••••@example.com: enough to recognise one's own address, not enough to learn another's. */
export function maskAddress(email: string): string {
  const at = email.lastIndexOf('@');
  const [first = ''] = email.slice(0, at);
  return `${first}•••••${email.slice(at)}`;
}

function trim(text: string): string {
  return toHalfWidth(text).replaceAll(SURROUNDING_BLANKS, '');
}

/** The address in what a mail program copies. A name that is another address is taken for no name. */
function readMailbox(typed: string): string {
  const [, name = '', address = ''] = MAILBOX.exec(typed) ?? [];
  if (address === '') return typed;
  const called = name.trim().replace(/^"(.*)"$/, '$1');
  return called.includes('@') && called.toLowerCase() !== address.toLowerCase() ? typed : trim(address);
}

/** Maps full-width forms to ASCII: the width mapping of RFC 8264 section 5.2.1. */
function toHalfWidth(text: string): string {
  return text.replaceAll(/[\uff01-\uff5e]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0));
}

function isPlainLocalPart(local: string): boolean {
  if (/^\p{M}|[\p{C}\p{Z}]/u.test(local) || Buffer.byteLength(local) > MAX_LOCAL_PART_BYTES) return false;
  return DOT_STRING.test(local) && DOT_STRING.test(decompose(local));
}

/** `≮` as `<` with a stroke: programs that normalise an address (RFC 8264 section 5.2.4) must not find syntax in it. */
function decompose(text: string): string {
  return text.normalize('NFKD');
}

/**
 * Two characters and two hyphens before others stand for an encoding (RFC 5890 section 2.3.1): `xn--` for letters, where they can
 * be read and written again, at which `domainToASCII` does not look from Node 24 on, and are letters; all others for one of the
 * future.
 */
function hasReservedLabel(domain: string): boolean {
  return domain.split('.').some((label) => /^..--/.test(label) && !isALabel(label));
}

function isALabel(label: string): boolean {
  const letters = domainToUnicode(label);
  return letters !== label && domainToASCII(letters) === label && U_LABEL.test(letters);
}

/** To be asked before `domainToASCII`: its URL parser drops line ends, decodes %61, and stops at a slash. */
function isHostName(domain: string): boolean {
  return (
    !/[\p{Cc}\p{Z}\\/?#%]|(?!-)\p{Pd}/u.test(domain) && !/(?![a-z\d.-])[\0-\x7f]/i.test(decompose(domain))
  );
}
