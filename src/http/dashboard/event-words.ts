import type { EventClass } from '../../events/event.js';

/** What an event says of a mail, for operators. */
export const eventWords: Readonly<Record<EventClass, string>> = {
  hard: 'Accepted, then bounced: the address is bad',
  soft: 'Accepted, then bounced: the mailbox, or its server, could not take it',
  'sender-fault': 'Accepted, then bounced because of us, not of her',
  delayed: 'Accepted, and delayed further on',
  complaint: 'Accepted, then marked as spam',
  unsubscribe: 'She asked by mail to be unsubscribed',
  'auto-reply': 'An automatic reply came back',
  none: 'A report came back: nothing failed',
};
