import { z } from 'zod';
import { kind } from '../kind.js';

const role = z.object({ role: z.string().meta({ description: '`administrator`: of the whole server.' }) });
const changedRole = z.object({ role: z.string().nullable().meta({ description: 'Null: none.' }) });
const administrator = z.object({ administrator: z.boolean() });

/** Who runs publications, what each may do, and what each signs in with. */
export const operatorKinds = {
  'operator.created': kind('operator', 'A person has an account.', { after: role }),
  'operator.renamed': kind('operator', 'Somebody has another name.'),
  'operator.removed': kind('operator', 'An account was removed.'),
  'operator.role-changed': kind('operator', 'Somebody may do more, or less, at a publication.', {
    before: changedRole,
    after: changedRole,
  }),
  'operator.administrator-changed': kind(
    'operator',
    'Somebody may do everything on the server, or no more.',
    {
      before: administrator,
      after: administrator,
    },
  ),
  'operator.credentials-changed': kind('operator', 'What somebody signs in with has changed.', {
    after: z.object({ change: z.string() }),
  }),
  'operator.sessions-ended': kind('operator', 'Somebody was signed out in other browsers; in how many.', {
    after: z.object({ count: z.int() }),
  }),
  'invitation.created': kind('invitation', 'An address was invited.', { after: role }),
  'invitation.withdrawn': kind('invitation', 'An invitation works no more.'),
  'invitation.accepted': kind('invitation', 'Who was invited has accepted.', { after: role }),
};
