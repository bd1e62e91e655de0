import { flatten, readInnerMessage, type Part } from './mime-parts.js';
import { readHeader, type Header } from './header.js';
import { isUndeclaredMessage } from './notification.js';
import { findAddresses } from './reported-address.js';
import type { Report } from './report.js';

/** More than any report names; what follows is not read. */
const MAX_IDS = 20;
const MAX_ADDRESSES = 20;
const MAX_TEXT_LENGTH = 30_000;

const RETURNED_TYPE =
  /^(?:message\/(?:rfc822|global|partial|news|rfc822-headers|global-headers)|text\/rfc822-headers?)$/;

/** The headers of the mails that a report returns: in parts of their own, and in its text behind the server's words. */
export function findReturnedHeaders(message: Part, returnedText: string): Header[] {
  const parts = flatten(message)
    .slice(1)
    .filter((part) => RETURNED_TYPE.test(part.type) || isUndeclaredMessage(part))
    .map((part) => (RETURNED_TYPE.test(part.type) ? readInnerMessage(part).header : part.header));
  const inText = readHeader(
    returnedText
      .slice(0, MAX_TEXT_LENGTH)
      .split(/\r?\n/)
      .map((line) => line.replace(/^(?:> ?|\| ?| {1,6}(?=[\w-]+: ))/, '')),
  );
  return inText.fields.length === 0 ? parts : [...parts, inText];
}

/** What may say which mail of ours a report is about, from its own header and from those of the mails it returns. */
export function findMatches(
  own: readonly Header[],
  returned: readonly Header[],
): Pick<Report, 'messageIds' | 'returnPaths' | 'date'> {
  const date = own.map(readDate).find((one) => one !== undefined);
  return {
    messageIds: messageIdsOf(own, returned),
    returnPaths: returnPathsOf(own, returned),
    ...(date === undefined ? {} : { date }),
  };
}

/** Those of the returned mail first; the report's own id is its server's. */
function messageIdsOf(own: readonly Header[], returned: readonly Header[]): string[] {
  const values = [
    ...returned.flatMap((header) => header.all('message-id', 'x-original-message-id', 'original-message-id')),
    ...own.flatMap((header) =>
      header.all('in-reply-to', 'references', 'x-original-message-id', 'x-failed-message-id'),
    ),
  ];
  const ids = values.flatMap((value) =>
    [...value.matchAll(/<?([^<>\s]{3,250}@[^<>\s]{1,250})>?/g)].map(([, id = '']) => id),
  );
  return [...new Set(ids)].slice(0, MAX_IDS);
}

const OWN_NAMES = [
  'delivered-to',
  'x-original-to',
  'envelope-to',
  'x-envelope-to',
  'x-rcpt-to',
  'to',
  'apparently-to',
];

function returnPathsOf(own: readonly Header[], returned: readonly Header[]): string[] {
  const values = [
    ...own.flatMap((header) => header.all(...OWN_NAMES)),
    ...returned.flatMap((header) =>
      header.all('return-path', 'original-mail-from', 'x-envelope-from', 'sender', 'errors-to', 'from'),
    ),
  ];
  return findAddresses(values.join(' \n').slice(0, MAX_TEXT_LENGTH), MAX_ADDRESSES);
}

function readDate(header: Header): Date | undefined {
  const date = new Date(header.get('date').slice(0, 100));
  return Number.isNaN(date.getTime()) ? undefined : date;
}
