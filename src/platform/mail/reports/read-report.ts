import { answerKind, isAutomatic, subjectOf } from './automatic-answer.js';
import { readBounceText, judgeWords } from './bounce-text.js';
import { readRecipient } from './delivery-report.js';
import { readRecipientBlocks } from './delivery-status.js';
import { readFeedback } from './feedback-report.js';
import { readHeader, type Header } from './header.js';
import { flatten, readMessage, textOf, type Part } from './mime-parts.js';
import { readNotification, type Notification } from './notification.js';
import { BOUNCE_SENTENCE, BOUNCE_SUBJECT, DAEMON } from './phrases.js';
import { readAddressField } from './reported-address.js';
import type { Report, ReportedRecipient } from './report.js';
import { findMatches, findReturnedHeaders } from './returned-message.js';
import { findTextRecipients } from './text-recipients.js';

/**
 * Reads a mail that came back: a bounce, a delay, a complaint, an automatic answer, or nothing of the kind. Never throws,
 * whatever the octets are, and its time and memory are bounded.
 */
export function readReport(raw: Buffer): Report {
  const message = readMessage(raw);
  const notification = readNotification(message);
  const returned = findReturnedHeaders(message, notification.returned);
  const matches = findMatches(message.header, returned);
  const mail: IncomingMail = { message, notification, returned, own: ownAddresses(message.header, returned) };
  for (const read of READERS) {
    const found = read(mail);
    if (found !== undefined) return { ...found, ...matches };
  }
  return { kind: 'other', recipients: [], ...matches };
}

type IncomingMail = {
  message: Part;
  notification: Notification;
  returned: readonly Header[];
  /** In lower case. */
  own: ReadonlySet<string>;
};

type Found = Pick<Report, 'kind' | 'recipients' | 'feedbackType'>;

/** In the order in which they are asked; the first that knows the mail reads it. */
const READERS: readonly ((mail: IncomingMail) => Found | undefined)[] = [
  asFeedback,
  asDeliveryStatus,
  asDisposition,
  asDaemonText,
  asAnswer,
  asOtherBounce,
];

function asFeedback({ message, returned, own }: IncomingMail): Found | undefined {
  const part = findPart(message, /^(?:message|text)\/feedback-report$/);
  if (part === undefined) return undefined;
  const { type, recipients } = readFeedback(textOf(part), returned[0], own);
  return { kind: 'feedback', recipients, feedbackType: type };
}

function asDeliveryStatus({ message, notification, own }: IncomingMail): Found | undefined {
  const part = findPart(message, /^message\/(?:global-)?delivery-status$/);
  if (part === undefined) return undefined;
  const blocks = readRecipientBlocks(textOf(part));
  if (blocks.length === 0) return undefined;
  const named = findTextRecipients(notification.lines, own);
  const text = notification.lines.join('\n');
  return { kind: 'delivery-status', recipients: blocks.map((block) => readRecipient(block, named, text)) };
}

/** RFC 8098: read or deleted, which changes nothing; but some servers refuse mail this way. */
function asDisposition({ message, notification }: IncomingMail): Found | undefined {
  const part = findPart(message, /^message\/(?:global-)?disposition-notification$/);
  if (part === undefined) return undefined;
  const fields = readHeader(textOf(part).split(/\r?\n/));
  const recipient =
    readAddressField(fields.get('original-recipient')) ?? readAddressField(fields.get('final-recipient'));
  const text = notification.lines.join('\n');
  const isRefusal =
    /deleted|failed|denied/i.test(fields.get('disposition')) && /reject|refus|could not/i.test(text);
  const judged = isRefusal ? judgeWords([text]) : ({ class: 'none', scope: 'mailbox' } as const);
  const one: ReportedRecipient = {
    ...(recipient === undefined ? { addresses: [] } : { recipient, addresses: [recipient] }),
    ...judged,
  };
  return { kind: 'disposition', recipients: [one] };
}

function asDaemonText(mail: IncomingMail): Found | undefined {
  const { header } = mail.message;
  const isFromDaemon =
    DAEMON.test(header.get('from').toLowerCase()) || /^\s*<>/.test(header.get('return-path'));
  if (!isFromDaemon && !header.has('x-failed-recipients')) return undefined;
  const isBounce = BOUNCE_SUBJECT.test(subjectOf(header)) || BOUNCE_SENTENCE.test(textOfNotification(mail));
  return isBounce && answerKind(header, textOfNotification(mail)) === undefined ? bounce(mail) : undefined;
}

function asAnswer(mail: IncomingMail): Found | undefined {
  const kind = answerKind(mail.message.header, textOfNotification(mail));
  if (kind === undefined) return undefined;
  const recipient = readAddressField(mail.message.header.get('from'));
  const one = recipient === undefined ? { addresses: [] } : { recipient, addresses: [recipient] };
  return { kind, recipients: [{ ...one, class: 'auto-reply', scope: 'mailbox' }] };
}

/** From servers that do not say who they are: both subject and words have to be a bounce's. */
function asOtherBounce(mail: IncomingMail): Found | undefined {
  const { header } = mail.message;
  const isReply = /^(?:re|aw|sv|fwd?|wg): /.test(subjectOf(header)) && !isAutomatic(header);
  const isBounce = BOUNCE_SUBJECT.test(subjectOf(header)) && BOUNCE_SENTENCE.test(textOfNotification(mail));
  return isBounce && !isReply ? bounce(mail) : undefined;
}

function bounce({ message, notification, own }: IncomingMail): Found {
  return { kind: 'bounce-text', recipients: readBounceText(message.header, notification, own) };
}

function textOfNotification({ notification }: IncomingMail): string {
  return notification.lines.join(' ').slice(0, 20_000).toLowerCase().replace(/\s+/g, ' ');
}

function findPart(message: Part, type: RegExp): Part | undefined {
  return flatten(message).find((part) => type.test(part.type));
}

/** Whom the report was sent to, and whom the returned mail came from: these did not fail. */
function ownAddresses(own: Header, returned: readonly Header[]): Set<string> {
  const { returnPaths } = findMatches(own, returned);
  return new Set(returnPaths.map((address) => address.toLowerCase()));
}
