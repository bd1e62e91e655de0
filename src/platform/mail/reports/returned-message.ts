import { readInnerMessage, type Part } from './mime-parts.js';
import type { Header } from './header.js';
import { findAddresses } from './reported-address.js';
import type { Report } from './report.js';

/** More than any report names; what follows is not read. */
const MAX_IDS = 20;
const MAX_ADDRESSES = 20;

const RETURNED_TYPES = new Set([
  'message/rfc822',
  'message/global',
  'text/rfc822-headers',
  'text/rfc822-header',
  'message/rfc822-headers',
  'message/global-headers',
  'message/partial',
]);

/** What may say which mail of ours a report is about, from its own header and from that of the mail it returns. */
export function findReturned(
  message: Part,
  parts: readonly Part[],
): Pick<Report, 'messageIds' | 'returnPaths' | 'date'> {
  const returned = parts
    .filter(({ type }) => RETURNED_TYPES.has(type))
    .map((part) => readInnerMessage(part).header);
  const date = readDate(message.header);
  return {
    messageIds: messageIdsOf(message.header, returned),
    returnPaths: returnPathsOf(message.header, returned),
    ...(date === undefined ? {} : { date }),
  };
}

/** Those of the returned mail first; the report's own id is its server's. */
function messageIdsOf(own: Header, returned: readonly Header[]): string[] {
  const values = [
    ...returned.flatMap((header) => header.all('message-id')),
    ...own.all('in-reply-to', 'references', 'x-original-message-id', 'x-failed-message-id'),
  ];
  const ids = values.flatMap((value) => [...value.matchAll(/<([^<>\s]{3,250})>/g)].map(([, id = '']) => id));
  return [...new Set(ids)].slice(0, MAX_IDS);
}

function returnPathsOf(own: Header, returned: readonly Header[]): string[] {
  const values = [
    ...own.all('delivered-to', 'x-original-to', 'envelope-to', 'x-envelope-to', 'to', 'apparently-to'),
    ...returned.flatMap((header) => header.all('return-path', 'sender', 'from')),
  ];
  return findAddresses(values.join(' \n').slice(0, 20_000), MAX_ADDRESSES);
}

function readDate(header: Header): Date | undefined {
  const date = new Date(header.get('date').slice(0, 100));
  return Number.isNaN(date.getTime()) ? undefined : date;
}
