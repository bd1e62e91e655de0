import type { Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import { ALERT_INTERVAL_MS, type Alert, type AlertCause } from './alert.js';
import { alertColumns } from './reads.js';

/**
 * Undefined when there was an alert about this cause less than a day ago, or one is being made at this moment. One from the
 * future is of a clock that had jumped ahead, and does not count.
 */
export function openAlert(
  tx: Tx,
  cause: Pick<AlertCause, 'kind' | 'id' | 'publicationId'>,
  now: Date,
): Promise<Alert | undefined> {
  const lately = new Date(now.getTime() - ALERT_INTERVAL_MS);
  const soon = new Date(now.getTime() + ALERT_INTERVAL_MS);
  return tx.maybe<Alert>(sql`
    insert into alerts (kind, cause_id, publication_id, day, opened_at)
    select ${cause.kind}::text, ${cause.id}::uuid, ${cause.publicationId}::uuid,
           (${now}::timestamptz at time zone 'UTC')::date, ${now}::timestamptz
     where not exists (
       select from alerts
        where kind = ${cause.kind}
          and cause_id = ${cause.id}
          and opened_at > ${lately}
          and opened_at < ${soon}
     )
    on conflict (kind, cause_id, day) do nothing
    returning ${alertColumns}
  `);
}

/** Alerts whose cause is none of these are over. */
export function resolveOtherAlerts(
  tx: Tx,
  causes: readonly Pick<AlertCause, 'kind' | 'id'>[],
  now: Date,
): Promise<number> {
  return tx.run(sql`
    update alerts
       set resolved_at = ${now}
     where resolved_at is null
       and not exists (
         select from unnest(${causes.map(({ kind }) => kind)}::text[], ${causes.map(({ id }) => id)}::uuid[])
           as cause (kind, id)
          where cause.kind = alerts.kind
            and cause.id = alerts.cause_id
       )
  `);
}
