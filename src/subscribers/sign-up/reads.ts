import { readCounts } from '../../platform/counts/counts.js';
import type { CountSource } from '../../platform/counts/differences.js';
import type { Db, Tx } from '../../platform/db/database.js';
import { publicationFinder } from '../../platform/db/publication-finder.js';
import { sql, raw } from '../../platform/db/sql.js';
import type { Subscription } from '../subscription.js';
import type { SignUpRequest, HeldSignUp } from './request.js';

const selectRequests = raw(`
    select id, publication_id, email, locale, timezone, cadence, topics, source, created_at, subscription_id, outcome,
           resend_of
      from sign_up_requests`);

export function findSignUpRequest(db: Db | Tx, id: string): Promise<SignUpRequest | undefined> {
  return db.maybe<SignUpRequest>(sql`
    ${selectRequests}
     where id = ${id}
  `);
}

/** Requests of a subscription that were recorded in one second and led to a confirmation mail, in order. */
export function listRequestsOfSecond(
  db: Db | Tx,
  subscriptionId: string,
  second: Date,
): Promise<SignUpRequest[]> {
  return db.many<SignUpRequest>(sql`
    ${selectRequests}
     where subscription_id = ${subscriptionId}
       and outcome = 'confirmation'
       and created_at >= ${second}
       and created_at < ${second}::timestamptz + interval '1 second'
     order by created_at, id
  `);
}

/** The newest form whose mail asks this subscription to confirm. */
export function findLatestRequestOf(db: Db | Tx, subscriptionId: string): Promise<SignUpRequest | undefined> {
  return db.maybe<SignUpRequest>(sql`
    ${selectRequests}
     where subscription_id = ${subscriptionId}
       and outcome = 'confirmation'
     order by created_at desc, id desc
     limit 1
  `);
}

/** Undefined when the request was decided, is held, or was deleted. It is locked, so that two workers decide it once. */
export function lockUndecidedRequest(tx: Tx, id: string): Promise<SignUpRequest | undefined> {
  return tx.maybe<SignUpRequest>(sql`
    ${selectRequests}
     where id = ${id}
       and outcome is null
       for update
  `);
}

/** The publication of a sign-up that is held. */
export const findHeldSignUpPublication = publicationFinder('sign_up_requests', sql`outcome = 'held'`);

/** One page, newest first; ids sort by time. */
export function listHeldSignUps(
  db: Db | Tx,
  where: { publicationId: string; before: string | undefined; limit: number },
): Promise<HeldSignUp[]> {
  const older = where.before === undefined ? sql`` : sql`and id < ${where.before}`;
  return db.many<HeldSignUp>(sql`
    select id, publication_id, email, reasons, source, created_at
      from sign_up_requests
     where publication_id = ${where.publicationId}
       and outcome = 'held'
       ${older}
     order by id desc
     limit ${where.limit}
  `);
}

const HELD = 'held-sign-ups';

export async function countHeldSignUps(db: Db | Tx, publicationId: string): Promise<number> {
  const counts = await readCounts(db, HELD, [publicationId]);
  return counts.find(({ key }) => key.length === 0)?.count ?? 0;
}

/** How many sign-ups are held for each reason, the most frequent first; one with two reasons counts for both. */
export async function countHeldByReason(
  db: Db | Tx,
  publicationId: string,
): Promise<{ reason: string; count: number }[]> {
  const counts = await readCounts(db, HELD, [publicationId]);
  return counts
    .flatMap(({ key: [reason], count }) => (reason === undefined ? [] : [{ reason, count }]))
    .toSorted((one, other) => other.count - one.count || (one.reason < other.reason ? -1 : 1));
}

/** Counted anew. */
export const heldSignUpSource: CountSource = {
  name: HELD,
  rows: sql`
    select r.publication_id as owner_id, c.key, null::timestamptz as at, count(*) as count
      from sign_up_requests r, held_sign_up_counts(r.reasons) c
     where r.outcome = 'held'
     group by r.publication_id, c.key`,
};

/** Outcomes of forms by UTC hour; hours without forms are left out. */
export function countFormsByHour(
  db: Db | Tx,
  publicationId: string,
  since: Date,
): Promise<{ hour: Date; recorded: number; held: number; refused: number }[]> {
  return db.many(sql`
    select date_trunc('hour', began_at, 'UTC') as hour,
           coalesce(sum(count) filter (where outcome = 'recorded'), 0) as recorded,
           coalesce(sum(count) filter (where outcome = 'held'), 0) as held,
           coalesce(sum(count) filter (where outcome not in ('recorded', 'held', 'proof-needed')), 0) as refused
      from sign_up_counts
     where publication_id = ${publicationId}
       and began_at >= ${since}
     group by 1
     order by 1
  `);
}

/** Every request with an address, for the reader's copy of her data: whole rows, so that a new column is in it too. */
export function exportRequests(
  db: Db | Tx,
  { id, publicationId, emailKey }: Pick<Subscription, 'id' | 'publicationId' | 'emailKey'>,
): Promise<{ request: Record<string, unknown> }[]> {
  return db.many(sql`
    select to_jsonb(r) - 'id' - 'publication_id' - 'subscription_id' - 'resend_of' as request
      from sign_up_requests r
     where publication_id = ${publicationId}
       and (subscription_id = ${id} or lower(email) = lower(${emailKey}))
     order by created_at
  `);
}
