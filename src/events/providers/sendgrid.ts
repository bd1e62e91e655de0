import { z } from 'zod';
import {
  eventKey,
  meaning,
  momentOf,
  optionalText,
  type KindMeaning,
  type RequestReader,
} from './provider.js';
import { tellByWords } from './server-words.js';

/**
 * By event; of bounces by type and `bounce_classification`, of dropped mail by reason (https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event). `blocked` means that
 * SendGrid goes on mailing the address: nobody is given up for it.
 */
const KINDS: Readonly<Record<string, KindMeaning>> = {
  delivered: meaning('none', 'mailbox'),
  deferred: meaning('delayed', 'mailbox'),
  spamreport: meaning('complaint', 'mailbox'),
  unsubscribe: meaning('unsubscribe', 'mailbox'),
  group_unsubscribe: meaning('unsubscribe', 'mailbox'),
  bounce: meaning('hard', 'mailbox', 'words'),
  'bounce/bounce/Invalid Address': meaning('hard', 'mailbox', 'words'),
  'bounce/bounce/Mailbox Unavailable': meaning('soft', 'mailbox', 'words'),
  'bounce/bounce/Technical Failure': meaning('soft', 'domain', 'words'),
  'bounce/bounce/Content': meaning('sender-fault', 'us'),
  'bounce/bounce/Reputation': meaning('sender-fault', 'us'),
  'bounce/bounce/Frequency or Volume Too High': meaning('sender-fault', 'us'),
  'bounce/bounce/Unclassified': meaning('soft', 'mailbox', 'words'),
  'bounce/blocked': meaning('soft', 'mailbox', 'words'),
  'bounce/blocked/Content': meaning('sender-fault', 'us'),
  'bounce/blocked/Reputation': meaning('sender-fault', 'us'),
  'bounce/blocked/Frequency or Volume Too High': meaning('sender-fault', 'us'),
  // Taken, and then not sent.
  dropped: meaning('sender-fault', 'us'),
  'dropped/Bounced Address': meaning('hard', 'mailbox'),
  'dropped/Invalid': meaning('hard', 'mailbox'),
  'dropped/Spam Reporting Address': meaning('complaint', 'mailbox'),
  'dropped/Unsubscribed Address': meaning('unsubscribe', 'mailbox'),
};

const eventSchema = z.object({
  event: z.string().max(100),
  email: z.string().max(1000),
  timestamp: z.number().optional(),
  sg_event_id: optionalText,
  sg_message_id: optionalText,
  'smtp-id': optionalText,
  type: optionalText,
  bounce_classification: optionalText,
  status: optionalText,
  reason: optionalText,
  response: optionalText,
});
type Event = z.infer<typeof eventSchema>;

/** SendGrid sends many events a request. `smtp-id` is our Message-ID. */
export const sendgridReader: RequestReader = {
  items: (content) => z.array(z.unknown()).parse(content),
  read: (item, receivedAt) => {
    const event = eventSchema.parse(item);
    const kind = kindOf(event);
    if (kind === undefined) return [];
    const { sg_event_id: id, 'smtp-id': messageId, sg_message_id: sgMessageId } = event;
    return [
      {
        key: id ? eventKey('sendgrid', id) : eventKey('sendgrid', item),
        source: 'sendgrid',
        ...tellByWords(kind, { words: event.reason ?? event.response, status: event.status }),
        occurredAt: momentOf(event.timestamp, receivedAt),
        recipient: event.email,
        match: {
          messageIds: messageId ? [messageId] : [],
          ...(sgMessageId && { providerMessageId: acceptedId(sgMessageId) }),
        },
        isAuthenticated: true,
      },
    ];
  },
};

function kindOf({ event, type, bounce_classification: named, reason }: Event): KindMeaning | undefined {
  if (event === 'bounce')
    return KINDS[`bounce/${type}/${named}`] ?? KINDS[`bounce/${type}`] ?? KINDS['bounce'];
  return (event === 'dropped' ? KINDS[`dropped/${reason}`] : undefined) ?? KINDS[event];
}

/** The reply to the final dot has what stands before the first dot (https://sendgrid.com/docs/glossary/message-id/). */
function acceptedId(sgMessageId: string): string {
  return sgMessageId.split('.')[0] ?? sgMessageId;
}
