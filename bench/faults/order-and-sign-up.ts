import { setTimeout as sleep } from 'node:timers/promises';
import type { Db } from '../../src/platform/db/database.js';
import { sql } from '../../src/platform/db/sql.js';
import { announcement, type ApiProgram } from '../support/api-program.js';

const LOOK_INTERVAL_MS = 1_000;
const SIGN_UP_INTERVAL_MS = 3_000;

/** What a program has been promised: the API has answered all of it. */
export type Promised = { orders: number; newcomers: string[] };

/** Orders a digest to all readers but one whenever half of what is due is sent, and signs up one person after the other, until it is over. */
export async function orderAndSignUp(
  program: ApiProgram,
  db: Db,
  { readers, over }: { readers: number; over: AbortSignal },
): Promise<Promised> {
  const promised: Promised = { orders: 0, newcomers: [] };
  const pause = (milliseconds: number) => sleep(milliseconds, undefined, { signal: over }).catch(() => {});
  const order = async () => {
    for (; !over.aborted; await pause(LOOK_INTERVAL_MS)) {
      // While Postgres is down nobody knows.
      const progress = await readProgress(db).catch(() => undefined);
      if (progress === undefined || progress.due > readers / 2) continue;
      if (progress.planned < promised.orders * (readers - 1)) continue;
      promised.orders += 1;
      const key = `order-${promised.orders}`;
      await program.post('/digests', key, announcement(key));
    }
  };
  const signUp = async () => {
    for (; !over.aborted; await pause(SIGN_UP_INTERVAL_MS)) {
      const email = `newcomer-${promised.newcomers.length + 1}@mail.example`;
      promised.newcomers.push(email);
      await program.post('/subscriptions', email, { publication: 'post', email });
    }
  };
  await Promise.all([order(), signUp()]);
  return promised;
}

/** `due`: mails that could be handed over now, or are just being. */
function readProgress(db: Db): Promise<{ planned: number; due: number }> {
  return db.one(sql`
    select count(*) as planned,
           count(*) filter (where state = 'sending'
                               or (state = 'queued' and (next_attempt_at is null or next_attempt_at <= now()))) as due
      from deliveries
  `);
}
