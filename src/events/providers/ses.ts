import { z } from 'zod';
import type { IncomingEvent } from '../event.js';
import {
  eventKey,
  meaning,
  momentOf,
  optionalText,
  reasonText,
  type KindMeaning,
  type RequestReader,
} from './provider.js';
import { tellByWords } from './server-words.js';

/** Always bounces, and is nobody's (https://docs.aws.amazon.com/ses/latest/dg/send-an-email-from-console.html). */
export const SIMULATED_BOUNCE = 'bounce@simulator.amazonses.com';

/** By type and subtype (https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html#bounce-types). */
const BOUNCES: Readonly<Record<string, KindMeaning>> = {
  'Permanent/General': meaning('hard', 'mailbox', 'words'),
  'Permanent/NoEmail': meaning('hard', 'mailbox'),
  // Amazon did not send it: mail to this address bounced not long ago, or is on the account's own list.
  'Permanent/Suppressed': meaning('hard', 'mailbox'),
  'Permanent/OnAccountSuppressionList': meaning('hard', 'mailbox'),
  'Permanent/UnsubscribedRecipient': meaning('unsubscribe', 'mailbox'),
  'Transient/General': meaning('soft', 'mailbox', 'words'),
  'Transient/MailboxFull': meaning('soft', 'mailbox'),
  'Transient/CustomTimeoutExceeded': meaning('soft', 'domain'),
  'Transient/MessageTooLarge': meaning('sender-fault', 'us'),
  'Transient/ContentRejected': meaning('sender-fault', 'us'),
  'Transient/AttachmentRejected': meaning('sender-fault', 'us'),
  Undetermined: meaning('soft', 'mailbox', 'words'),
};

/** A type whose subtype is not in the table, from a newer day. */
const BOUNCE_TYPES: Readonly<Record<string, KindMeaning>> = {
  Permanent: meaning('hard', 'mailbox', 'words'),
};

/** By feedback type (RFC 5965 section 7.3); any other, and none, is a complaint. */
const FEEDBACK: Readonly<Record<string, KindMeaning>> = {
  'not-spam': meaning('none', 'mailbox'),
  'auth-failure': meaning('none', 'us'),
  virus: meaning('sender-fault', 'us'),
};

const recipientSchema = z.object({
  emailAddress: z.string().max(1000),
  status: optionalText,
  diagnosticCode: optionalText,
});
const recipientsSchema = z.array(recipientSchema).min(1).max(1000);
const time = optionalText;

const mailSchema = z.object({
  messageId: z.string().min(1).max(200),
  timestamp: time,
  headers: z
    .array(z.object({ name: z.string(), value: z.string() }))
    .catch([])
    .default([]),
  commonHeaders: z.object({ messageId: optionalText }).nullish().catch(undefined),
});

/** Notifications have `notificationType`, events of a configuration set `eventType`; both are alike otherwise. */
const eventSchema = z.object({
  notificationType: z.string().optional(),
  eventType: z.string().optional(),
  mail: mailSchema,
});
type Mail = z.infer<typeof mailSchema>;

/** One mail's part that an event is about; `about` tells it apart from others of the mail. */
type Part = { about: readonly unknown[]; recipient: string; at: string | null | undefined };
type Told = ReturnType<typeof tellByWords>;
type ReadKind = (event: unknown) => (Part & { told: Told })[];

const readBounce: ReadKind = (event) => {
  const { bounce } = bounceSchema.parse(event);
  const { bounceType, bounceSubType, feedbackId } = bounce;
  const kind = BOUNCES[`${bounceType}/${bounceSubType}`] ?? BOUNCES[bounceType] ?? BOUNCE_TYPES[bounceType];
  return bounce.bouncedRecipients.map(({ emailAddress: recipient, status, diagnosticCode }) => ({
    about: [feedbackId, recipient],
    recipient,
    at: bounce.timestamp,
    told: told(kind ?? meaning('soft', 'mailbox', 'words'), {
      status,
      diagnosticCode,
      name: `${bounceType}, ${bounceSubType}`,
    }),
  }));
};

const bounceSchema = z.object({
  bounce: z.object({
    bounceType: z.string(),
    bounceSubType: z.string(),
    feedbackId: z.string().min(1).max(200),
    timestamp: time,
    bouncedRecipients: recipientsSchema,
  }),
});

/** Amazon's own words where the receiving server said none. An absence note comes as a passing bounce without words. */
function told(
  kind: KindMeaning,
  {
    status,
    diagnosticCode,
    name,
  }: Pick<z.infer<typeof recipientSchema>, 'status' | 'diagnosticCode'> & { name: string },
): Told {
  if (!diagnosticCode && !status && kind.class === 'soft' && kind.asksWords)
    return { class: 'none', scope: 'mailbox', reason: `Amazon SES: ${name}` };
  const tells = tellByWords(kind, { words: diagnosticCode, status });
  return { reason: `Amazon SES: ${name}`, ...tells };
}

const readComplaint: ReadKind = (event) => {
  const { complaint } = complaintSchema.parse(event);
  const { complaintFeedbackType: type, feedbackId } = complaint;
  const kind = FEEDBACK[type ?? ''] ?? meaning('complaint', 'mailbox');
  const reason = reasonText('Amazon SES: complaint', type, complaint.complaintSubType) ?? '';
  return complaint.complainedRecipients.map(({ emailAddress: recipient }) => ({
    about: [feedbackId, recipient],
    recipient,
    at: complaint.timestamp,
    told: { class: kind.class, scope: kind.scope, reason },
  }));
};

const complaintSchema = z.object({
  complaint: z.object({
    feedbackId: z.string().min(1).max(200),
    complaintFeedbackType: optionalText,
    complaintSubType: optionalText,
    timestamp: time,
    complainedRecipients: recipientsSchema,
  }),
});

const readDelivery: ReadKind = (event) => {
  const { mail, delivery } = deliverySchema.parse(event);
  return delivery.recipients.map((recipient) => ({
    about: ['delivery', mail.messageId, recipient],
    recipient,
    at: delivery.timestamp,
    told: tellByWords(meaning('none', 'mailbox'), { words: delivery.smtpResponse }),
  }));
};

const deliverySchema = z.object({
  mail: mailSchema,
  delivery: z.object({
    timestamp: time,
    recipients: z.array(z.string().max(1000)),
    smtpResponse: optionalText,
  }),
});

const readDelay: ReadKind = (event) => {
  const { mail, deliveryDelay } = delaySchema.parse(event);
  const { delayType, timestamp } = deliveryDelay;
  return deliveryDelay.delayedRecipients.map(({ emailAddress: recipient, status, diagnosticCode }) => ({
    about: ['delay', mail.messageId, recipient, timestamp],
    recipient,
    at: timestamp,
    told: {
      reason: `Amazon SES: ${delayType}`,
      ...tellByWords(meaning('delayed', 'mailbox'), { words: diagnosticCode, status }),
    },
  }));
};

const delaySchema = z.object({
  mail: mailSchema,
  deliveryDelay: z.object({
    delayType: z.string().max(100).catch('delayed'),
    timestamp: time,
    delayedRecipients: recipientsSchema,
  }),
});

/** Taken, and then not sent: Amazon found a virus (https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html). */
const readReject: ReadKind = (event) => {
  const { mail, reject } = rejectSchema.parse(event);
  return mail.destination.map((recipient) => ({
    about: ['reject', mail.messageId, recipient],
    recipient,
    at: mail.timestamp,
    told: { class: 'sender-fault', scope: 'us', reason: reasonText('Amazon SES:', reject.reason) ?? '' },
  }));
};

const rejectSchema = z.object({
  mail: mailSchema.extend({ destination: z.array(z.string().max(1000)).min(1) }),
  reject: z.object({ reason: optionalText }),
});

const KINDS: ReadonlyMap<string, ReadKind> = new Map([
  ['Bounce', readBounce],
  ['Complaint', readComplaint],
  ['Delivery', readDelivery],
  ['DeliveryDelay', readDelay],
  ['Reject', readReject],
]);

/** Amazon SES by way of SNS: each request is SNS's envelope around one event. */
export const sesReader: RequestReader = {
  items: (content) => {
    const { Type, Message } = envelopeSchema.parse(content);
    return Type === 'Notification' ? [Message] : [];
  },
  read: (item, receivedAt) => {
    const message = z.string().parse(item);
    // The first message of a topic says in words that it was set up.
    if (!message.trimStart().startsWith('{')) return [];
    const content: unknown = JSON.parse(message);
    const { mail, ...event } = eventSchema.parse(content);
    const read = KINDS.get(event.eventType ?? event.notificationType ?? '');
    if (read === undefined) return [];
    return read(content)
      .filter(({ recipient }) => recipient.toLowerCase() !== SIMULATED_BOUNCE)
      .map((part) => toEvent(part, mail, receivedAt));
  },
};

const envelopeSchema = z.object({ Type: z.string(), Message: z.string() });

function toEvent(
  { about, recipient, at, told }: ReturnType<ReadKind>[number],
  mail: Mail,
  receivedAt: Date,
): IncomingEvent {
  return {
    key: eventKey('ses', ...about),
    source: 'ses',
    ...told,
    occurredAt: momentOf(at, receivedAt),
    recipient,
    match: { messageIds: ownMessageIds(mail), providerMessageId: mail.messageId },
    isAuthenticated: true,
  };
}

/** Amazon replaces Message-ID; ours is in the original headers, where the topic is told to include them. */
function ownMessageIds({ headers, commonHeaders }: Mail): string[] {
  const inHeaders = headers
    .filter(({ name }) => name.toLowerCase() === 'message-id')
    .map(({ value }) => value);
  return [...new Set([...inHeaders, ...(commonHeaders?.messageId ? [commonHeaders.messageId] : [])])].slice(
    0,
    5,
  );
}

/** Whether a request tells that a test bounce has come back. */
export function isSimulatedBounce(content: unknown): boolean {
  const envelope = envelopeSchema.safeParse(content).data;
  if (envelope?.Type !== 'Notification') return false;
  const bounce = bounceSchema.safeParse(parseJson(envelope.Message)).data?.bounce;
  return (
    bounce?.bouncedRecipients.some(({ emailAddress }) => emailAddress.toLowerCase() === SIMULATED_BOUNCE) ??
    false
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
