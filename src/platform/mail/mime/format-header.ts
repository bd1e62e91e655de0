import { encodeWord, foldLines } from 'nodemailer/lib/mime-funcs';
import MimeNode, { type MimeNodeHeaderValue } from 'nodemailer/lib/mime-node';

/** A header as Nodemailer writes it: names and words encoded, domains in A-labels, folded at 76. Without its CRLF. */
export function formatHeader(name: string, value: MimeNodeHeaderValue): string {
  return foldLines(`${name}: ${MimeNode.encodeHeaderValue(name, value)}`, 76);
}

/** An address as it stands in a header of one line. */
export function formatHeaderAddress(address: string): string {
  return PLAIN_ADDRESS.test(address) ? address : MimeNode.encodeHeaderValue('To', { name: '', address });
}

/** Lower-case domains only: Nodemailer writes the others so. */
const PLAIN_ADDRESS = /^[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*@[a-z\d-]+(?:\.[a-z\d-]+)*$/;

/**
 * Words that would not arrive as they are become encoded words: those without a blank where a line could be folded, and
 * those that look like encoded words already (RFC 2047, section 2), which readers' programs would decode.
 */
export function encodeWordsIfNeeded(words: string): string {
  return /[!-~]{900}|=\?/.test(words) ? encodeWord(words, 'Q', 52) : words;
}
