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

/** By event (https://developers.brevo.com/docs/transactional-webhooks). */
const KINDS: Readonly<Record<string, KindMeaning>> = {
  delivered: meaning('none', 'mailbox'),
  deferred: meaning('delayed', 'mailbox'),
  soft_bounce: meaning('soft', 'mailbox', 'words'),
  hard_bounce: meaning('hard', 'mailbox', 'words'),
  invalid_email: meaning('hard', 'mailbox'),
  // On a list of Brevo's, after a bounce, a complaint, an unsubscription or by hand: it is not said which.
  blocked: meaning('soft', 'mailbox'),
  spam: meaning('complaint', 'mailbox'),
  unsubscribed: meaning('unsubscribe', 'mailbox'),
  error: meaning('sender-fault', 'us'),
};

const eventSchema = z.object({
  event: z.string().max(100),
  email: z.string().max(1000),
  'message-id': optionalText,
  // Our Message-ID, as it went out in a header of this name.
  'X-Mailin-custom': optionalText,
  ts_event: z.number().nullish().catch(undefined),
  ts_epoch: z.number().nullish().catch(undefined),
  reason: optionalText,
});

/** Brevo sends one event a request, or with batches several. */
export const brevoReader: RequestReader = {
  items: (content) => (Array.isArray(content) ? content : [content]),
  read: (item, receivedAt) => {
    const event = eventSchema.parse(item);
    const kind = KINDS[event.event];
    if (kind === undefined) return [];
    const { email, ts_event: seconds, 'message-id': id, 'X-Mailin-custom': own } = event;
    const at = seconds ?? event.ts_epoch;
    return [
      {
        key: eventKey('brevo', event.event, id, email, at),
        source: 'brevo',
        ...tellByWords(kind, { words: event.reason }),
        occurredAt: momentOf(seconds, receivedAt),
        recipient: email,
        match: {
          messageIds: [own, id].flatMap((text) => (text ? [text] : [])),
          ...(id && { providerMessageId: bracketed(id) }),
        },
        isAuthenticated: true,
      },
    ];
  },
};

/** As the reply to the final dot has it. */
function bracketed(id: string): string {
  return `<${id.replace(/^<|>$/g, '')}>`;
}
