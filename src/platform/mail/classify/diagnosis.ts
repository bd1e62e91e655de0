import type { EventClass, EventScope } from './event-class.js';

type Meaning<Class extends EventClass = EventClass> = { class: Class; scope: EventScope; says: string };

/** Each thing that can be the matter, with its class and scope, in the order of the documentation. */
export const DIAGNOSES = {
  'unknown-address': meaning('hard', 'mailbox', 'There is no such mailbox.'),
  'closed-mailbox': meaning('hard', 'mailbox', 'The mailbox is disabled, expired or moved.'),
  'unknown-domain': meaning('hard', 'domain', 'The domain does not exist, or takes no mail.'),
  'full-mailbox': meaning('soft', 'mailbox', 'The mailbox is full.'),
  'mailbox-unavailable': meaning('soft', 'mailbox', 'The mailbox cannot take it now, or it is not said why.'),
  'full-server': meaning('soft', 'domain', 'The server is full.'),
  'server-trouble': meaning('soft', 'domain', 'The server, or a program behind it, is out of order.'),
  'no-connection': meaning('soft', 'domain', 'The server could not be reached.'),
  expired: meaning('soft', 'domain', 'It was tried for as long as the server on the way tries.'),
  'refused-by-mailbox': meaning(
    'sender-fault',
    'mailbox',
    'This mailbox takes no mail of ours by a rule of its own.',
  ),
  'too-much': meaning('sender-fault', 'us', 'We send too much at once.'),
  'refused-sender': meaning('sender-fault', 'us', 'Our server, address or domain is refused.'),
  'refused-content': meaning('sender-fault', 'us', 'The message is taken for spam, or breaks a rule.'),
  'too-large': meaning('sender-fault', 'us', 'The message is too large.'),
  'bad-session': meaning(
    'sender-fault',
    'us',
    'Our set-up is at fault: relaying, a login, encryption or the dialogue.',
  ),
  unknown: meaning('sender-fault', 'us', 'No rule knows it. Nobody is given up for it.'),
} as const satisfies Record<string, Meaning>;

/** What is the matter with one mail to one recipient. */
export type Diagnosis = keyof typeof DIAGNOSES;

function meaning<Class extends EventClass>(of: Class, scope: EventScope, says: string): Meaning<Class> {
  return { class: of, scope, says };
}
