import { z } from 'zod';
import { kind } from '../kind.js';

const hook = z.object({ provider: z.string() });
const dkimKey = z.object({ domain: z.string(), selector: z.string() });

/** The whole server: who may do something, mail servers, and what was left out. */
export const serverKinds = {
  'token.created': kind('token', 'A program has a token.', {
    after: z.object({ scopes: z.array(z.string()) }),
  }),
  'token.revoked': kind('token', 'A token opens nothing any more.'),
  'circuit.resumed': kind('circuit', 'Mail may go again to a mail server, or to a domain behind it.', {
    before: z.object({
      transport: z.string(),
      domain: z.string().meta({ description: 'Empty: the whole server.' }),
      kind: z.string(),
    }),
  }),
  'failed-rows.retried': kind(
    'publication',
    'What could not be processed is tried again now; how many rows.',
    {
      after: z.object({ count: z.int() }),
    },
  ),
  'restore.decided': kind('installation', 'It was decided about mail that was held since a restore.', {
    after: z.object({ decision: z.string().meta({ description: '`send` or `skip`.' }) }),
  }),
  'dkim-key.created': kind('dkim-key', 'A key was made, and signs nothing yet.', { after: dkimKey }),
  'dkim-key.activated': kind('dkim-key', 'A key signs from now on.', { after: dkimKey }),
  'hook.added': kind('hook', 'What a provider tells of mail by webhook is taken from now on.', {
    after: hook,
  }),
  'hook.secret-renewed': kind('hook', 'The secret of a webhook of a provider is another one.', {
    after: hook,
  }),
  'hook.removed': kind('hook', 'What a provider tells of mail by webhook is refused from now on.', {
    before: hook,
  }),
  'dkim-key.retired': kind('dkim-key', 'A key signs no more, and its private half is deleted.', {
    before: dkimKey,
  }),
};
