import type { EventClass } from '../classify/event-class.js';
import { readHeader, type Header } from './header.js';
import { findAddresses, readAddressField } from './reported-address.js';
import type { ReportedRecipient } from './report.js';

/** What each type of feedback report is about (RFC 5965 section 7.3, RFC 6430, RFC 6591); others are complaints. */
const CLASSES: Readonly<Record<string, EventClass>> = {
  'opt-out': 'unsubscribe',
  'opt-out-list': 'unsubscribe',
  'not-spam': 'none',
  'auth-failure': 'none',
  dmarc: 'none',
  virus: 'sender-fault',
};

/** Her address in the report, or in the header of the mail that it returns, where each provider has it. */
const REPORT_FIELDS = ['original-rcpt-to', 'removal-recipient'];
const RETURNED_FIELDS = ['x-hmxmroriginalrecipient', 'x-apparently-to', 'delivered-to', 'x-rcpt-to', 'to'];

export type Feedback = { type: string; recipients: ReportedRecipient[]; header: Header };

/**
 * A feedback report (RFC 5965). Most providers take the address out, or write another in its place: it is only a hint, and
 * 'redacted' and the like are none.
 */
export function readFeedback(text: string, returned: Header | undefined, own: ReadonlySet<string>): Feedback {
  const header = readHeader(text.split(/\r?\n/));
  const type = (/^[\w-]+/.exec(header.get('feedback-type'))?.[0] ?? 'abuse').toLowerCase();
  const addresses = [
    ...REPORT_FIELDS.flatMap((name) => header.all(name)).map(readAddressField),
    ...RETURNED_FIELDS.flatMap((name) => returned?.all(name) ?? []).flatMap((value) =>
      findAddresses(value, 10),
    ),
  ].filter((one): one is string => one !== undefined && !isRedacted(one) && !own.has(one.toLowerCase()));
  const named = [...new Set(addresses)].slice(0, 10);
  const of = CLASSES[type] ?? 'complaint';
  const what = {
    class: of,
    scope: of === 'sender-fault' ? 'us' : 'mailbox',
    reason: `Feedback-Type: ${type}`,
  } as const;
  const [recipient] = named;
  return {
    type,
    header,
    recipients: [{ ...(recipient === undefined ? {} : { recipient }), addresses: named, ...what }],
  };
}

function isRedacted(address: string): boolean {
  return (
    /redacted|undisclosed|hidden|anonym|^x+@|^\*+@|^unknown@|@redacted/i.test(address) ||
    /^[\da-f]{32,}@/i.test(address)
  );
}
