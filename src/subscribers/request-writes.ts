import type { Tx } from '../platform/db/database.js';
import { sql } from '../platform/db/sql.js';
import { requests, type SignUpRequest } from './request-reads.js';
import type { Counted } from './sign-up-limits.js';

/** What a sign-up says. */
export type NewRequest = Pick<
  SignUpRequest,
  'publicationId' | 'email' | 'locale' | 'timezone' | 'cadence' | 'topics' | 'source'
>;

/** A request under the id it will have; `held` waits for an operator's word. */
export type RecordedRequest = NewRequest & {
  id: string;
  risk: number;
  reasons: string[];
  held: boolean;
  ip: string | null;
  agent: string | null;
};

/** Any number in one statement. */
export function insertRequests(tx: Tx, requests: readonly RecordedRequest[], now: Date): Promise<number> {
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
export function countTowards(
  tx: Tx,
  counts: readonly { key: string; points: number }[],
  until: Date,
  now: Date,
): Promise<Counted[]> {
  return tx.many<Counted>(sql`
    insert into sign_up_limits as known (key, points, until)
    select key, points, ${until}::timestamptz
      from unnest(${counts.map(({ key }) => key)}::text[], ${counts.map(({ points }) => points)}::integer[])
           as asked (key, points)
    on conflict (key) do update
       set points = excluded.points + case when known.until > ${now} then known.points else 0 end,
           until = case when known.until > ${now} then known.until else excluded.until end
    returning key, points, until
  `);
}

/** What became of a form: recorded, held, or why it was sent back. */
export type SignUpOutcome =
  | 'recorded'
  | 'held'
  | 'too-many'
  | 'trap'
  | 'empty'
  | 'malformed'
  | 'typo'
  | 'no-mail-server'
  | 'proof-needed'
  | 'invalid';

/** What became of how many forms of a publication. */
export type SignUpCount = { publicationId: string; outcome: SignUpOutcome; count: number };

export function addCounts(tx: Tx, counts: readonly SignUpCount[], beganAt: Date): Promise<number> {
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

export function deleteOldCounts(tx: Tx, before: Date): Promise<number> {
  return tx.run(sql`
    delete from sign_up_counts
     where began_at < ${before}
  `);
}

export function deleteOldLimits(tx: Tx, before: Date): Promise<number> {
  return tx.run(sql`
    delete from sign_up_limits
     where until < ${before}
  `);
}

/** The request, if nobody has answered it yet; locked, so that two workers answer it once. */
export function lockUnanswered(tx: Tx, id: string): Promise<SignUpRequest | undefined> {
  return tx.maybe<SignUpRequest>(sql`
    ${requests}
     where id = ${id}
       and outcome is null
       for update
  `);
}

export function noteAnswer(
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
export function lockAsked(tx: Tx, addressHash: Buffer): Promise<number> {
  return tx.run(sql`
    select pg_advisory_xact_lock(hashtextextended(${`asked ${addressHash.toString('hex')}`}, 0))
  `);
}

export function insertAsked(tx: Tx, addressHash: Buffer, publicationId: string, now: Date): Promise<number> {
  return tx.run(sql`
    insert into asked_addresses (address_hash, publication_id, asked_at)
    values (${addressHash}, ${publicationId}, ${now})
  `);
}

/** She clicked: what we asked before no longer counts against her. */
export function forgetAsked(tx: Tx, addressHash: Buffer, publicationId: string): Promise<number> {
  return tx.run(sql`
    delete from asked_addresses
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
export function deleteOldAsked(tx: Tx, before: Date, limit: number): Promise<number> {
  return tx.run(sql`
    delete from asked_addresses
     where ctid = any(array(
       select ctid
         from asked_addresses
        where asked_at < ${before}
        order by asked_at
        limit ${limit}
     ))
  `);
}

/** Those that led to one of these subscriptions. */
export function deleteRequestsFor(tx: Tx, subscriptionIds: string[]): Promise<number> {
  return tx.run(sql`
    delete from sign_up_requests
     where subscription_id = any(${subscriptionIds}::uuid[])
  `);
}

/** Everything this address asked of a publication, answered or not. The database folds both sides alike. */
export function deleteRequestsOf(tx: Tx, publicationId: string, emailKey: string): Promise<number> {
  return tx.run(sql`
    delete from sign_up_requests
     where publication_id = ${publicationId}
       and lower(email) = lower(${emailKey})
  `);
}
