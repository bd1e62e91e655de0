import type { Db, Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import type { Circuit, NewCircuit } from './circuit.js';
import { circuitColumns } from './reads.js';

/**
 * Undefined when it is open already, as it is when another worker found the same. One that only an operator can close
 * replaces one that would have been probed, and one of a server that cannot be reached any other that would have been.
 */
export function insertCircuit(tx: Tx, circuit: NewCircuit, now: Date): Promise<Circuit | undefined> {
  return tx.maybe<Circuit>(sql`
    insert into circuits as c (transport_id, domain, kind, reason, reply_count, failure_count, opened_at, closes_at)
    values (${circuit.transportId}, ${circuit.domain}, ${circuit.kind}, ${circuit.reason}, ${circuit.replyCount},
            ${circuit.failureCount}, ${now}, ${circuit.closesAt})
        on conflict (transport_id, domain) where closed_at is null
        do update set kind = excluded.kind,
                      reason = excluded.reason,
                      reply_count = excluded.reply_count,
                      failure_count = excluded.failure_count,
                      opened_at = excluded.opened_at,
                      open_count = 1,
                      closes_at = excluded.closes_at
             where c.closes_at is not null
               and (excluded.closes_at is null or (excluded.kind = 'unreachable' and c.kind <> 'unreachable'))
    returning ${circuitColumns}
  `);
}

/** For a half-open circuit whose probes failed. Undefined when another worker was first, or an operator closed it. */
export function reopenCircuit(
  tx: Tx,
  circuit: Circuit,
  reason: string,
  closesAt: Date,
): Promise<Circuit | undefined> {
  return tx.maybe<Circuit>(sql`
    update circuits
       set open_count = open_count + 1,
           reason = ${reason},
           closes_at = ${closesAt}
     where id = ${circuit.id}
       and open_count = ${circuit.openCount}
       and closes_at is not null
       and closed_at is null
    returning ${circuitColumns}
  `);
}

/**
 * For a half-open circuit whose probes succeeded. Undefined when it was opened for another reason meanwhile, or closed. That a
 * server was reached counts also where another worker has just failed to.
 */
export function closeRecoveredCircuit(tx: Tx, circuit: Circuit, now: Date): Promise<Circuit | undefined> {
  return tx.maybe<Circuit>(sql`
    update circuits
       set closed_at = ${now}
     where id = ${circuit.id}
       and (open_count = ${circuit.openCount} or kind = 'unreachable')
       and closes_at is not null
       and closed_at is null
    returning ${circuitColumns}
  `);
}

/** Undefined when it was closed before. */
export function markClosed(tx: Tx, id: string, now: Date): Promise<Circuit | undefined> {
  return tx.maybe<Circuit>(sql`
    update circuits
       set closed_at = ${now}
     where id = ${id}
       and closed_at is null
    returning ${circuitColumns}
  `);
}

/** Half-open from now on: those that would be so only after `after`. */
export function probeCircuitsOpenPast(tx: Tx, after: Date, now: Date): Promise<number> {
  return tx.run(sql`
    update circuits
       set closes_at = ${now}
     where closed_at is null
       and closes_at > ${after}
  `);
}

/** Of servers with other names than these: nothing is sent through them any more. */
export function closeCircuitsOfOthers(tx: Tx, names: readonly string[], now: Date): Promise<number> {
  return tx.run(sql`
    update circuits
       set closed_at = ${now}
     where closed_at is null
       and transport_id not in (select id from transports where name = any(${names}::text[]))
  `);
}

export function deleteClosedCircuits(tx: Tx, before: Date): Promise<number> {
  return tx.run(sql`
    delete from circuits
     where closed_at < ${before}
  `);
}

export function recordReached(
  db: Db | Tx,
  transportId: number,
  { worker, since }: { worker: string; since: Date },
): Promise<number> {
  return db.run(sql`
    insert into reached_transports (worker, transport_id, reached_at)
    values (${worker}, ${transportId}, ${since})
        on conflict (worker, transport_id) do update
       set reached_at = excluded.reached_at
  `);
}

export function deleteOldReached(tx: Tx, before: Date): Promise<number> {
  return tx.run(sql`
    delete from reached_transports
     where reached_at < ${before}
  `);
}
