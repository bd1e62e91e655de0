import { raw } from '../../platform/db/sql.js';

export const noticeColumns = raw(`
  id, kind, cause_id, publication_id, subscription_id, operator_id, state, attempt, deferrals, due_at, skip_reason, answer,
  expires_at, created_at
`);

/** After a restore, notices from before it wait for an operator; alerts are about what is now. */
export const isNotHeld = raw(`
  (kind = 'alert' or not exists (select from installation where held_since >= notices.created_at))
`);
