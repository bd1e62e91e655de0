import { z } from 'zod';
import type { IncomingEvent } from '../event.js';
import {
  eventKey,
  meaning,
  momentOf,
  optionalText,
  type KindMeaning,
  type RequestReader,
} from './provider.js';
import { tellByWords } from './server-words.js';

/** By TypeCode (https://postmarkapp.com/developer/api/bounce-api#bounce-types). */
const BOUNCES: ReadonlyMap<number, KindMeaning> = new Map([
  [1, meaning('hard', 'mailbox', 'words')], // HardBounce
  [2, meaning('delayed', 'mailbox')], // Transient
  [16, meaning('unsubscribe', 'mailbox')], // Unsubscribe
  [32, meaning('none', 'mailbox')], // Subscribe
  [64, meaning('auto-reply', 'mailbox')], // AutoResponder
  [128, meaning('auto-reply', 'mailbox')], // AddressChange
  [256, meaning('soft', 'domain')], // DnsError, a passing one
  [512, meaning('sender-fault', 'us')], // SpamNotification
  [1024, meaning('none', 'mailbox')], // OpenRelayTest
  [2048, meaning('soft', 'mailbox', 'words')], // Unknown
  [4096, meaning('soft', 'mailbox', 'words')], // SoftBounce
  [8192, meaning('sender-fault', 'us')], // VirusNotification
  [16384, meaning('auto-reply', 'mailbox')], // ChallengeVerification
  [100000, meaning('hard', 'mailbox')], // BadEmailAddress
  [100001, meaning('complaint', 'mailbox')], // SpamComplaint
  [100002, meaning('soft', 'mailbox')], // ManuallyDeactivated
  [100003, meaning('soft', 'mailbox')], // Unconfirmed
  [100006, meaning('sender-fault', 'us')], // Blocked
  [100007, meaning('sender-fault', 'us')], // SMTPApiError
  [100008, meaning('none', 'us')], // InboundError
  [100009, meaning('sender-fault', 'us')], // DMARCPolicy
  [100010, meaning('sender-fault', 'us')], // TemplateRenderingFailed
]);

const common = {
  MessageID: optionalText,
  Metadata: z.record(z.string(), z.string()).nullish().catch(undefined),
};
const bounceSchema = z.object({
  ...common,
  ID: z.number(),
  TypeCode: z.number(),
  Type: optionalText,
  Email: z.string().max(1000),
  Details: optionalText,
  Description: optionalText,
  BouncedAt: optionalText,
});
const deliverySchema = z.object({
  ...common,
  Recipient: z.string().max(1000),
  DeliveredAt: optionalText,
  Details: optionalText,
});
const changeSchema = z.object({
  ...common,
  Recipient: z.string().max(1000),
  ChangedAt: optionalText,
  Origin: optionalText,
  SuppressSending: z.boolean(),
  SuppressionReason: optionalText,
});

type Common = Pick<z.infer<typeof deliverySchema>, 'MessageID' | 'Metadata'>;
type Read = (item: unknown, receivedAt: Date) => IncomingEvent[];

const readBounce: Read = (item, receivedAt) => {
  const bounce = bounceSchema.parse(item);
  const kind = BOUNCES.get(bounce.TypeCode) ?? meaning('soft', 'mailbox', 'words');
  const words = bounce.Details ?? bounce.Description;
  return [
    {
      key: eventKey('postmark', 'bounce', bounce.ID),
      source: 'postmark',
      ...(bounce.Type && { reason: `Postmark: ${bounce.Type}` }),
      ...tellByWords(kind, { words }),
      occurredAt: momentOf(bounce.BouncedAt, receivedAt),
      ...about(bounce, bounce.Email),
    },
  ];
};

const readDelivery: Read = (item, receivedAt) => {
  const delivery = deliverySchema.parse(item);
  return [
    {
      key: eventKey('postmark', 'delivery', delivery.MessageID, delivery.Recipient),
      source: 'postmark',
      ...tellByWords(meaning('none', 'mailbox'), { words: delivery.Details }),
      occurredAt: momentOf(delivery.DeliveredAt, receivedAt),
      ...about(delivery, delivery.Recipient),
    },
  ];
};

/** She pressed Postmark's own unsubscribe link. What Postmark suppresses after a bounce or complaint, their own events tell. */
const readChange: Read = (item, receivedAt) => {
  const change = changeSchema.parse(item);
  const isHers = change.SuppressionReason === 'ManualSuppression' && change.Origin === 'Recipient';
  if (!change.SuppressSending || !isHers) return [];
  return [
    {
      key: eventKey('postmark', 'change', change.MessageID, change.Recipient, change.ChangedAt),
      source: 'postmark',
      class: 'unsubscribe',
      scope: 'mailbox',
      reason: 'Postmark: ManualSuppression by the recipient',
      occurredAt: momentOf(change.ChangedAt, receivedAt),
      ...about(change, change.Recipient),
    },
  ];
};

/** By RecordType (https://postmarkapp.com/developer/webhooks/webhooks-overview). */
const RECORDS: ReadonlyMap<string, Read> = new Map([
  ['Bounce', readBounce],
  ['SpamComplaint', readBounce],
  ['Delivery', readDelivery],
  ['SubscriptionChange', readChange],
]);

/** The metadata in which our Message-ID went out, in two parts (see platform/mail/smtp/providers.ts). */
const OWN_MESSAGE_ID = ['message-id-1', 'message-id-2'] as const;

/** Postmark sends one record a request. */
export const postmarkReader: RequestReader = {
  items: (content) => [content],
  read: (item, receivedAt) => {
    const { RecordType } = z.object({ RecordType: z.string() }).parse(item);
    return RECORDS.get(RecordType)?.(item, receivedAt) ?? [];
  },
};

function about({ MessageID, Metadata }: Common, recipient: string) {
  const own = OWN_MESSAGE_ID.map((name) => Metadata?.[name] ?? '').join('');
  return {
    recipient,
    match: {
      messageIds: own === '' ? [] : [own],
      ...(MessageID && { providerMessageId: MessageID }),
    },
    isAuthenticated: true,
  };
}
