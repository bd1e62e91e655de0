import { answerKind, hasNoReturnPath, saysAnswer, subjectOf } from './automatic-answer.js';
import { readBounceText, judgeWords } from './bounce-text.js';
import { readRecipient } from './delivery-report.js';
import { readRecipientBlocks } from './delivery-status.js';
import { readFeedback } from './feedback-report.js';
import { readHeader, type Header } from './header.js';
import { flatten, readInnerMessage, readMessage, textOf, type Part } from './mime-parts.js';
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
  const whole = readMessage(raw);
  const message = unwrap(whole);
  const notification = readNotification(message);
  const returned = findReturnedHeaders(message, notification.returned);
  const matches = findMatches(message === whole ? [whole.header] : [whole.header, message.header], returned);
  const own = new Set(matches.returnPaths.map((address) => address.toLowerCase()));
  const mail: IncomingMail = { message, notification, returned, own };
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
  /** Whom the report was sent to, and whom the returned mail came from: these did not fail. In lower case. */
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

/** RFC 5965. Microsoft's are the mail alone, with a field of its own that names the recipient. */
function asFeedback({ message, returned, own }: IncomingMail): Found | undefined {
  const part = findPart(message, /^(?:message|text)\/feedback-report$/);
  const isMarked = returned.some((header) => header.has('x-hmxmroriginalrecipient'));
  if (part === undefined && !isMarked) return undefined;
  const { type, recipients } = readFeedback(part === undefined ? '' : textOf(part), returned[0], own);
  return { kind: 'feedback', recipients, feedbackType: type };
}

function asDeliveryStatus({ message, notification, own }: IncomingMail): Found | undefined {
  const part = findPart(message, /^message\/(?:global-)?delivery-status$/);
  if (part === undefined) return undefined;
  const blocks = readRecipientBlocks(textOf(part));
  if (blocks.length === 0) return undefined;
  const named = findTextRecipients(notification.lines, own);
  const text = notification.lines.join('\n');
  const recipients = blocks.map((block) => readRecipient(block, named, text));
  return { kind: 'delivery-status', recipients: withoutRepeats(recipients) };
}

/** Some servers repeat a recipient, and some write a block about nobody. */
function withoutRepeats(all: readonly ReportedRecipient[]): ReportedRecipient[] {
  const named = all.filter(({ recipient }) => recipient !== undefined);
  const keyOf = (one: ReportedRecipient) => `${one.recipient?.toLowerCase()} ${one.class}`;
  const first = new Map(named.toReversed().map((one) => [keyOf(one), one]));
  return named.length === 0 ? all.slice(0, 1) : named.filter((one) => first.get(keyOf(one)) === one);
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
  const text = textOfNotification(mail);
  if (saysAnswer(header, text)) return undefined;
  const isFromDaemon = DAEMON.test(header.get('from').toLowerCase()) || header.has('x-failed-recipients');
  const [subject, sentence] = [BOUNCE_SUBJECT.test(subjectOf(header)), BOUNCE_SENTENCE.test(text)];
  const isBounce = isFromDaemon ? subject || sentence : hasNoReturnPath(header) && subject && sentence;
  return isBounce ? bounce(mail) : undefined;
}

function asAnswer(mail: IncomingMail): Found | undefined {
  const kind = answerKind(mail.message.header, textOfNotification(mail));
  if (kind === undefined) return undefined;
  const recipient = readAddressField(mail.message.header.get('from'));
  const one = recipient === undefined ? { addresses: [] } : { recipient, addresses: [recipient] };
  return { kind, recipients: [{ ...one, class: 'auto-reply', scope: 'mailbox' }] };
}

/** From servers that do not say who they are: both subject and words have to be a bounce's, and it answers no mail. */
function asOtherBounce(mail: IncomingMail): Found | undefined {
  const { header } = mail.message;
  const isReply = /^(?:re|aw|sv|fwd?|wg): /.test(subjectOf(header)) && header.has('in-reply-to');
  const isBounce = BOUNCE_SUBJECT.test(subjectOf(header)) && BOUNCE_SENTENCE.test(textOfNotification(mail));
  return isBounce && !isReply ? bounce(mail) : undefined;
}

function bounce({ message, notification, own }: IncomingMail): Found {
  return { kind: 'bounce-text', recipients: readBounceText(message.header, notification, own) };
}

function textOfNotification({ notification }: IncomingMail): string {
  return notification.lines.join(' ').slice(0, 20_000).toLowerCase().replace(/\s+/g, ' ');
}

/** A report that was forwarded, or wrapped by a server that did not know it, is read instead of its wrapping. */
function unwrap(message: Part): Part {
  if (findPart(message, REPORT_TYPE) !== undefined) return message;
  const inner = flatten(message)
    .filter(({ type }) => type === 'message/rfc822')
    .slice(0, 3)
    .map(readInnerMessage);
  return inner.find((part) => findPart(part, REPORT_TYPE) !== undefined) ?? message;
}

const REPORT_TYPE = /^(?:message|text)\/(?:(?:global-)?delivery-status|feedback-report)$/;

function findPart(message: Part, type: RegExp): Part | undefined {
  return flatten(message).find((part) => type.test(part.type));
}
