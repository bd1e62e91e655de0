import type { Tx } from '../platform/db/database.js';
import { sql } from '../platform/db/sql.js';
import { selectRequests, type SignUpRequest } from './request-reads.js';
import type { LimitCount } from './sign-up/limits.js';

/** What a sign-up says. */
export type NewSignUpRequest = Pick<
  SignUpRequest,
  'publicationId' | 'email' | 'locale' | 'timezone' | 'cadence' | 'topics' | 'source'
>;

/** A request under the id it will have; `held` waits for an operator's word. */
export type SignUpRequestRow = NewSignUpRequest & {
  id: string;
  risk: number;
  reasons: string[];
  held: boolean;
  ip: string | null;
  agent: string | null;
};

/** Any number in one statement. */
export function insertRequests(tx: Tx, requests: readonly SignUpRequestRow[], now: Date): Promise<number> {
  return tx.run(sql`
    insert into sign_up_requests (id, publication_id, email, locale, timezone, cadence, topics, source, risk, reasons,
                                  ip, agent, outcome, created_at)
    select id, "publicationId", email, locale, timezone, cadence, topics, source, risk, reasons, ip, agent,
           case when held then 'held' end, ${now}::timestamptz
      from jsonb_to_recordset(${JSON.stringify(requests)}::jsonb)
           as request (id uuid, "publicationId" uuid, email text, locale text, timezone text, cadence text,
                       topics text[], source text, risk smallint, reasons text[], ip inet, agent text, held boolean)
  `);
}

/** Counts all of these towards their limits at once; a window that is over begins anew. */
export function addToLimits(
  tx: Tx,
  counts: readonly { key: string; points: number }[],
  until: Date,
  now: Date,
): Promise<LimitCount[]> {
  return tx.many<LimitCount>(sql`
    insert into sign_up_limits as known (key, points, resets_at)
    select key, points, ${until}::timestamptz
      from unnest(${counts.map(({ key }) => key)}::text[], ${counts.map(({ points }) => points)}::integer[])
           as asked (key, points)
    on conflict (key) do update
       set points = excluded.points + case when known.resets_at > ${now} then known.points else 0 end,
           resets_at = case when known.resets_at > ${now} then known.resets_at else excluded.resets_at end
    returning key, points, resets_at
  `);
}

/** What became of a form: recorded, held, or why it was sent back. */
export type FormOutcome =
  | 'recorded'
  | 'held'
  | 'too-many'
  | 'honeypot'
  | 'empty'
  | 'malformed'
  | 'typo'
  | 'no-mail-server'
  | 'proof-needed'
  | 'invalid';

/** What became of how many forms of a publication. */
export type FormCount = { publicationId: string; outcome: FormOutcome; count: number };

export function addFormCounts(tx: Tx, counts: readonly FormCount[], beganAt: Date): Promise<number> {
  return tx.run(sql`
    insert into sign_up_counts as known (publication_id, began_at, outcome, count)
    select "publicationId", ${beganAt}::timestamptz, outcome, count
      from jsonb_to_recordset(${JSON.stringify(counts)}::jsonb)
           as counted ("publicationId" uuid, outcome text, count integer)
     order by "publicationId", outcome
    on conflict (publication_id, began_at, outcome) do update
       set count = known.count + excluded.count
  `);
}

export function deleteOldFormCounts(tx: Tx, before: Date): Promise<number> {
  return tx.run(sql`
    delete from sign_up_counts
     where began_at < ${before}
  `);
}

export function deleteExpiredLimits(tx: Tx, before: Date): Promise<number> {
  return tx.run(sql`
    delete from sign_up_limits
     where resets_at < ${before}
  `);
}

/** The request, if nobody has answered it yet; locked, so that two workers answer it once. */
export function lockUndecidedRequest(tx: Tx, id: string): Promise<SignUpRequest | undefined> {
  return tx.maybe<SignUpRequest>(sql`
    ${selectRequests}
     where id = ${id}
       and outcome is null
       for update
  `);
}

export function recordDecision(
  tx: Tx,
  id: string,
  outcome: NonNullable<SignUpRequest['outcome']>,
  subscriptionId: string | null,
): Promise<number> {
  return tx.run(sql`
    update sign_up_requests
       set outcome = ${outcome},
           subscription_id = ${subscriptionId}
     where id = ${id}
       and outcome is null
  `);
}

/** Counts of mails to one address take turns. */
export function lockMailCap(tx: Tx, addressHash: Buffer): Promise<number> {
  return tx.run(sql`
    select pg_advisory_xact_lock(hashtextextended(${`asked ${addressHash.toString('hex')}`}, 0))
  `);
}

export function insertCappedMail(
  tx: Tx,
  addressHash: Buffer,
  publicationId: string,
  now: Date,
): Promise<number> {
  return tx.run(sql`
    insert into capped_mails (address_hash, publication_id, asked_at)
    values (${addressHash}, ${publicationId}, ${now})
  `);
}

/** She clicked: what we asked before no longer counts against her. */
export function resetMailCap(tx: Tx, addressHash: Buffer, publicationId: string): Promise<number> {
  return tx.run(sql`
    delete from capped_mails
     where address_hash = ${addressHash}
       and publication_id = ${publicationId}
  `);
}

/** At most so many at once: after a flood there are millions. */
export function deleteOldRequests(tx: Tx, before: Date, limit: number): Promise<number> {
  return tx.run(sql`
    delete from sign_up_requests
     where id in (
       select id
         from sign_up_requests
        where created_at < ${before}
        order by created_at
        limit ${limit}
     )
  `);
}

/** The same of counts; a row of this table has no name but its place. */
export function deleteOldCappedMails(tx: Tx, before: Date, limit: number): Promise<number> {
  return tx.run(sql`
    delete from capped_mails
     where ctid = any(array(
       select ctid
         from capped_mails
        where asked_at < ${before}
        order by asked_at
        limit ${limit}
     ))
  `);
}

/** Those that led to one of these subscriptions. */
export function deleteRequestsOfSubscriptions(tx: Tx, subscriptionIds: string[]): Promise<number> {
  return tx.run(sql`
    delete from sign_up_requests
     where subscription_id = any(${subscriptionIds}::uuid[])
  `);
}

/** Everything this address asked of a publication, answered or not. The database folds both sides alike. */
export function deleteRequestsOfAddress(tx: Tx, publicationId: string, emailKey: string): Promise<number> {
  return tx.run(sql`
    delete from sign_up_requests
     where publication_id = ${publicationId}
       and lower(email) = lower(${emailKey})
  `);
}
