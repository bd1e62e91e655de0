import type { Db } from '../../src/platform/db/database.js';
import { sql } from '../../src/platform/db/sql.js';
import type { Received } from '../support/sink/sinks.js';
import { waitUntil } from './wait-until.js';

/** People who signed up, and the one mail that asks each to confirm. */
export type NewcomerCheck = {
  /** The mail server never got it, and it is not called uncertain. */
  missed: number;
  doubled: number;
  uncertain: number;
};

/** Waits until no single mail is under way any more. What would be tried again later is due now. */
export async function finishNotices(db: Db, newcomers: readonly string[]): Promise<void> {
  await waitUntil(async () => {
    await db.run(
      sql`update notices set due_at = now() where state in ('queued', 'deferred') and due_at > now()`,
    );
    const states = await readConfirmations(db);
    const isOver = ({ state }: { state: string }) => ['accepted', 'uncertain'].includes(state);
    return states.length >= newcomers.length && states.every(isOver);
  });
}

export async function checkNewcomers(
  db: Db,
  newcomers: readonly string[],
  received: ReadonlyMap<string, Received>,
): Promise<NewcomerCheck> {
  const confirmations = await readConfirmations(db);
  const uncertain = confirmations.filter(({ state }) => state === 'uncertain').map(({ email }) => email);
  return {
    missed: newcomers.filter((email) => !received.has(email) && !uncertain.includes(email)).length,
    doubled: newcomers.filter((email) => (received.get(email)?.count ?? 0) > 1).length,
    uncertain: uncertain.length,
  };
}

function readConfirmations(db: Db): Promise<{ email: string; state: string }[]> {
  return db.many(sql`
    select p.email, n.state
      from notices n
      join subscriptions s on s.id = n.subscription_id
      join subscribers p on p.id = s.subscriber_id
     where n.kind = 'confirmation'
  `);
}
