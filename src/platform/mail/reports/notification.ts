import { decodeHTML } from 'entities';
import { flatten, textOf, type Part } from './mime-parts.js';
import { RETURNED_FOLLOWS } from './phrases.js';

/** In characters. What a server says of many recipients is shorter; behind it comes the returned mail. */
const MAX_TEXT_LENGTH = 60_000;

/** The words of a report: what its server wrote, and the returned mail where that is in the same text. */
export type Notification = { lines: readonly string[]; returned: string };

/** From the texts before the first part that is a message of its own, or a report for programs. */
export function readNotification(message: Part): Notification {
  const texts: Part[] = [];
  for (const part of flatten(message)) {
    if (part !== message && isReturned(part)) break;
    if (part.parts.length === 0 && part.type.startsWith('text/')) texts.push(part);
    // A multipart without an end or a beginning may still have words.
    else if (part.type.startsWith('multipart/') && part.parts.length === 0) texts.push(part);
  }
  const plain = texts.filter(({ type }) => type !== 'text/html');
  const chosen = plain.some((part) => part.body.trim() !== '') ? plain : texts;
  return splitReturned(chosen.map(toText).join('\n').slice(0, MAX_TEXT_LENGTH));
}

function isReturned(part: Part): boolean {
  return /^message\/|^text\/rfc822-headers?$/.test(part.type) || isUndeclaredMessage(part);
}

/** Some servers return a mail as a part without saying so: then its header is the part's. */
export function isUndeclaredMessage({ header }: Part): boolean {
  return header.has('received') && header.has('message-id');
}

function toText(part: Part): string {
  const text = textOf({ ...part, body: part.body.slice(0, MAX_TEXT_LENGTH) });
  return part.type === 'text/html' || /^\s*<(?:!doctype|html)/i.test(text) ? htmlToText(text) : text;
}

const LINE_ENDS = /<(?:br|\/p|p|\/div|div|\/tr|tr|\/li|li|\/h\d|\/td|pre|\/pre|hr)\b[^<>]*>/gi;

function htmlToText(html: string): string {
  const bare = html
    .replace(/\s+/g, ' ')
    .replace(/<(style|script|title|head)\b[^<>]*>[^<]*<\/\1>/gi, ' ')
    .replace(LINE_ENDS, '\n')
    .replace(/<\/?[a-z!][^<>@]*>/gi, ' ');
  return decodeHTML(bare).replace(/\u00a0/g, ' ');
}

function splitReturned(text: string): Notification {
  const lines = text.split(/\r\n|\r|\n/);
  const end = lines.findIndex(isBeginningOfReturned);
  if (end === -1) return { lines, returned: '' };
  return { lines: lines.slice(0, end), returned: lines.slice(end).join('\n') };
}

function isBeginningOfReturned(line: string): boolean {
  const plain = line.slice(0, 200).toLowerCase().trimEnd();
  return plain !== '' && !plain.includes('@') && RETURNED_FOLLOWS.some((pattern) => pattern.test(plain));
}
