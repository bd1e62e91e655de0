import { z } from 'zod';
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

/** By event; of failures by severity and reason (https://documentation.mailgun.com/docs/mailgun/user-manual/events/events). */
const KINDS: Readonly<Record<string, KindMeaning>> = {
  accepted: meaning('none', 'mailbox'),
  delivered: meaning('none', 'mailbox'),
  complained: meaning('complaint', 'mailbox'),
  unsubscribed: meaning('unsubscribe', 'mailbox'),
  // Mailgun took it and then did not send it, for a rule of its own about us.
  rejected: meaning('sender-fault', 'us'),
  // Mailgun tries again.
  'failed/temporary': meaning('delayed', 'mailbox'),
  'failed/permanent': meaning('hard', 'mailbox', 'words'),
  'failed/permanent/bounce': meaning('hard', 'mailbox', 'words'),
  'failed/permanent/suppress-bounce': meaning('hard', 'mailbox'),
  'failed/permanent/suppress-complaint': meaning('complaint', 'mailbox'),
  'failed/permanent/suppress-unsubscribe': meaning('unsubscribe', 'mailbox'),
  // Tried for hours, and given up.
  'failed/permanent/old': meaning('soft', 'mailbox', 'words'),
  'failed/permanent/greylisted': meaning('soft', 'mailbox', 'words'),
  'failed/permanent/generic': meaning('soft', 'mailbox', 'words'),
  'failed/permanent/espblock': meaning('sender-fault', 'us'),
};

const eventSchema = z.object({
  event: z.string().max(100),
  id: z.string().min(1).max(200),
  timestamp: z.number().optional(),
  severity: optionalText,
  reason: optionalText,
  recipient: optionalText,
  message: z.object({ headers: z.object({ 'message-id': optionalText }).nullish() }).nullish(),
  'delivery-status': z
    .object({
      code: z.number().nullish().catch(undefined),
      message: optionalText,
      description: optionalText,
      'enhanced-code': optionalText,
    })
    .nullish(),
});

/** Mailgun sends one event a request, beside its signature. It keeps our Message-ID, and names it without angle brackets. */
export const mailgunReader: RequestReader = {
  items: (content) => [z.object({ 'event-data': z.unknown() }).parse(content)['event-data']],
  read: (item, receivedAt) => {
    const event = eventSchema.parse(item);
    const kind = kindOf(event);
    if (kind === undefined) return [];
    const status = event['delivery-status'];
    const words = reasonText(status?.message, status?.description);
    const told = tellByWords(kind, { words, code: status?.code, status: status?.['enhanced-code'] });
    const messageId = event.message?.headers?.['message-id'];
    return [
      {
        key: eventKey('mailgun', event.id),
        source: 'mailgun',
        ...(event.reason && { reason: `Mailgun: ${event.reason}` }),
        ...told,
        occurredAt: momentOf(event.timestamp, receivedAt),
        ...(event.recipient && { recipient: event.recipient }),
        match: { messageIds: messageId ? [messageId] : [] },
        isAuthenticated: true,
      },
    ];
  },
};

function kindOf({ event, severity, reason }: z.infer<typeof eventSchema>): KindMeaning | undefined {
  if (event !== 'failed') return KINDS[event];
  return KINDS[`failed/${severity}/${reason}`] ?? KINDS[`failed/${severity}`] ?? KINDS['failed/permanent'];
}
