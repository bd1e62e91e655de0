import type { Tx } from '../../platform/db/database.js';
import { sql, type Sql } from '../../platform/db/sql.js';
import type { LimitCount } from './limits.js';
import type { SignUpRequest, HeldSelection, SignUpRequestRow, FormCount } from './request.js';

export function insertRequests(tx: Tx, requests: readonly SignUpRequestRow[], now: Date): Promise<number> {
  return tx.run(sql`
    insert into sign_up_requests (id, publication_id, email, locale, timezone, cadence, topics, source, risk, reasons,
                                  ip, agent, resend_of, outcome, created_at)
    select id, "publicationId", email, locale, timezone, cadence, topics, source, risk, reasons, ip, agent, "resendOf",
           case when held then 'held' end, ${now}::timestamptz
      from jsonb_to_recordset(${JSON.stringify(requests)}::jsonb)
           as request (id uuid, "publicationId" uuid, email text, locale text, timezone text, cadence text,
                       topics text[], source text, risk smallint, reasons text[], ip inet, agent text,
                       "resendOf" uuid, held boolean)
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

/** Adds points to limits, and returns what each has then. A limit whose window is over begins a new one, until `resetsAt`. */
export function addToLimits(
  tx: Tx,
  counts: readonly { key: string; points: number }[],
  resetsAt: Date,
  now: Date,
): Promise<LimitCount[]> {
  return tx.many<LimitCount>(sql`
    insert into sign_up_limits as known (key, points, resets_at)
    select key, points, ${resetsAt}::timestamptz
      from unnest(${counts.map(({ key }) => key)}::text[], ${counts.map(({ points }) => points)}::integer[])
           as added (key, points)
    on conflict (key) do update
       set points = excluded.points + case when known.resets_at > ${now} then known.points else 0 end,
           resets_at = case when known.resets_at > ${now} then known.resets_at else excluded.resets_at end
    returning key, points, resets_at
  `);
}

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

/** held -> undecided. Returns those that were held. */
export function releaseHeldRequests(
  tx: Tx,
  which: HeldSelection,
): Promise<{ id: string; publicationId: string }[]> {
  return tx.many(sql`
    update sign_up_requests
       set outcome = null
     where outcome = 'held'
       and ${isSelected(which)}
    returning id, publication_id
  `);
}

/** They are of one publication. Undefined: none was held. */
export function deleteHeldRequests(
  tx: Tx,
  which: HeldSelection,
): Promise<{ publicationId: string; count: number } | undefined> {
  return tx.maybe(sql`
    with deleted as (
      delete from sign_up_requests
       where outcome = 'held'
         and ${isSelected(which)}
      returning publication_id
    )
    select publication_id, count(*) as count
      from deleted
     group by publication_id
  `);
}

function isSelected(which: HeldSelection): Sql {
  if ('id' in which) {
    const ofPublication =
      which.publicationId === undefined ? sql`` : sql`and publication_id = ${which.publicationId}`;
    return sql`id = ${which.id} ${ofPublication}`;
  }
  const { publicationId, reason } = which;
  if (reason === undefined) return sql`publication_id = ${publicationId}`;
  return sql`publication_id = ${publicationId} and ${reason} = any(reasons)`;
}
