import type { Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import type { TestMail } from './test-mail.js';

export function insertTestMail(
  tx: Tx,
  test: Pick<
    TestMail,
    'publicationId' | 'operatorId' | 'recipientId' | 'digestId' | 'coming' | 'draftId' | 'kind'
  >,
  now: Date,
): Promise<{ id: string }> {
  return tx.one(sql`
    insert into test_mails (publication_id, operator_id, recipient_id, digest_id, coming, draft_id, kind, state, created_at, updated_at)
    values (${test.publicationId}, ${test.operatorId}, ${test.recipientId}, ${test.digestId}, ${test.coming}, ${test.draftId}, ${JSON.stringify(test.kind)}, 'queued',
            ${now}, ${now})
    returning id
  `);
}

/** One operator at a time, until the transaction ends, so that two requests cannot both be the last that is allowed. */
export async function lockTestsOf(tx: Tx, operatorId: string): Promise<void> {
  await tx.run(sql`
    select pg_advisory_xact_lock(hashtextextended(${`test mails ${operatorId}`}, 0))
  `);
}

/** queued -> sending. 0: another worker has it, or it is over. */
export function claimTestMail(tx: Tx, id: string, now: Date): Promise<number> {
  return tx.run(sql`
    update test_mails
       set state = 'sending',
           updated_at = ${now}
     where id = ${id}
       and state = 'queued'
  `);
}

/** queued or sending -> how it ended. */
export function recordTestMail(
  tx: Tx,
  id: string,
  { state, answer }: Pick<TestMail, 'state' | 'answer'>,
  now: Date,
): Promise<number> {
  return tx.run(sql`
    update test_mails
       set state = ${state},
           answer = ${answer},
           updated_at = ${now}
     where id = ${id}
       and state in ('queued', 'sending')
  `);
}

export function deleteTestMailsBefore(tx: Tx, before: Date): Promise<number> {
  return tx.run(sql`
    delete from test_mails
     where created_at < ${before}
  `);
}
