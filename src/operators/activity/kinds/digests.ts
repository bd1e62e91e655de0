import { z } from 'zod';
import { kind, moment } from '../kind.js';

const readers = z.int().nullable().meta({ description: 'How many it is for; null where nobody counted.' });

/** Digests: what an operator decides, and what becomes of them by themselves. */
export const digestKinds = {
  'digest.ordered': kind('digest', 'A digest was ordered by hand.', {
    after: z.object({
      sendAt: moment,
      articles: z.int().nullable().meta({ description: 'How many; null: what each reader is due.' }),
      audience: z.object({
        cadence: z.union([z.string(), z.array(z.string()).readonly()]).optional(),
        locale: z.string().optional(),
        topics: z.array(z.string()).optional(),
      }),
      again: z.boolean(),
    }),
  }),
  'digest.opened': kind('digest', 'The digest of a rhythm began with its first reader.', {
    after: z.object({ cadence: z.string(), period: z.string(), readers }),
  }),
  'digest.held': kind('digest', 'It waits for an operator before anybody is mailed.', {
    after: z.object({ reasons: z.array(z.string()), readers }),
  }),
  'digest.rescheduled': kind('digest', 'An order that had not begun goes at another time.', {
    after: z.object({ sendAt: moment }),
  }),
  'digest.approved': kind('digest', 'An operator let it go.'),
  'digest.started': kind('digest', 'It was approved, and is being sent now.'),
  'digest.paused': kind('digest', 'Nothing more of it is sent for now.', {
    after: z.object({ by: z.string().meta({ description: '`operator` or `mail-server`.' }) }),
  }),
  'digest.resumed': kind('digest', 'It is being sent again after a pause.'),
  'digest.cancelled': kind('digest', 'Nobody else is sent it.', { before: z.object({ state: z.string() }) }),
  'digest.closed': kind('digest', 'There is nothing left of it to send.'),
  'digest.reopened': kind('digest', 'It was complete, and something of it is to be sent again or late.'),
  'digest.superseded': kind('digest', 'Nobody was planned for it in time; the next one has its approval.', {
    after: z.object({ by: z.string().meta({ description: 'The period of that one.' }) }),
  }),
  'digest.retried': kind('digest', 'What failed of it is tried again; how many mails.', {
    after: z.object({ deferred: z.int(), rejected: z.int(), skipped: z.int() }),
  }),
  'digest.resolved': kind('digest', 'It was decided about mails that may or may not have arrived.', {
    after: z.object({
      as: z.string().meta({
        description: '`accepted`: they arrived. `resend`: they are sent again. `mail-log`: as a log says.',
      }),
      subscriptionId: z.uuid().optional().meta({ description: 'Where it is about one reader.' }),
    }),
  }),
};
