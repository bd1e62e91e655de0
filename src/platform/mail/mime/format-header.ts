import { encodeWord, foldLines } from 'nodemailer/lib/mime-funcs';
import MimeNode, { type MimeNodeHeaderValue } from 'nodemailer/lib/mime-node';

/** A header as Nodemailer writes it: words encoded, domains in A-labels, folded at 76 characters; without the last CRLF. */
export function formatHeader(name: string, value: MimeNodeHeaderValue): string {
  return foldLines(`${name}: ${MimeNode.encodeHeaderValue(name, value)}`, 76);
}

/** An address as it is written in a header. */
export function formatHeaderAddress(address: string): string {
  return PLAIN_ADDRESS.test(address) ? address : MimeNode.encodeHeaderValue('To', { name: '', address });
}

/** Addresses that need no encoding. Only with lower-case domains, as Nodemailer writes all domains. */
const PLAIN_ADDRESS = /^[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*@[a-z\d-]+(?:\.[a-z\d-]+)*$/;

/**
 * Encodes a text that would not arrive unchanged: one that has no blank to be folded at for too long, and one that looks like
 * an encoded word already, which mail programs would decode (RFC 2047 section 2).
 */
export function encodeWordsIfNeeded(words: string): string {
  return /[!-~]{900}|=\?/.test(words) ? encodeWord(words, 'Q', 52) : words;
}
