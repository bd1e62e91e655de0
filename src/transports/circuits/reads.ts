import type { Db, Tx } from '../../platform/db/database.js';
import { raw, sql } from '../../platform/db/sql.js';
import type { Circuit, CircuitWithTransport } from './circuit.js';

export const circuitColumns = raw(`
  id, transport_id, domain, kind, reason, reply_count, failure_count, opened_at, open_count, closes_at, closed_at
`);

/** Circuits of these servers that are not closed, half-open ones included. */
export function listOpenCircuits(db: Db | Tx, transportIds: readonly number[]): Promise<Circuit[]> {
  return db.many<Circuit>(sql`
    select ${circuitColumns}
      from circuits
     where transport_id = any(${transportIds}::smallint[])
       and closed_at is null
  `);
}

/** Every circuit that is not closed, half-open ones included, the oldest first. */
export function listCircuits(db: Db | Tx): Promise<CircuitWithTransport[]> {
  return db.many<CircuitWithTransport>(sql`
    select c.id, c.transport_id, c.domain, c.kind, c.reason, c.reply_count, c.failure_count, c.opened_at, c.open_count, c.closes_at,
           c.closed_at, t.name as transport
      from circuits c
      join transports t on t.id = c.transport_id
     where c.closed_at is null
     order by c.opened_at, c.id
  `);
}

/** Also one that is closed. */
export function findCircuit(db: Db | Tx, id: string): Promise<CircuitWithTransport | undefined> {
  return db.maybe<CircuitWithTransport>(sql`
    select c.id, c.transport_id, c.domain, c.kind, c.reason, c.reply_count, c.failure_count, c.opened_at, c.open_count, c.closes_at,
           c.closed_at, t.name as transport
      from circuits c
      join transports t on t.id = c.transport_id
     where c.id = ${id}
  `);
}

/** Recipient domains, or `WHOLE_SERVER`, behind any server, that get no mail until an operator closes their circuit. */
export async function listDomainsAwaitingOperator(db: Db | Tx): Promise<string[]> {
  const circuits = await db.many<{ domain: string }>(sql`
    select distinct domain
      from circuits
     where closed_at is null
       and closes_at is null
  `);
  return circuits.map(({ domain }) => domain);
}

/** Whether another worker has reached a server since then. */
export async function isReachedByOthers(
  tx: Tx,
  transportId: number,
  worker: string,
  since: Date,
): Promise<boolean> {
  const others = await tx.maybe(sql`
    select worker
      from reached_transports
     where transport_id = ${transportId}
       and worker <> ${worker}
       and reached_at >= ${since}
     limit 1
  `);
  return others !== undefined;
}

/** One recipient domain behind one server. */
export type ServerDomain = { transportId: number; domain: string };

/**
 * Those of these domains that are in a storm of bounces, or were since then, during which no single bounce is to be believed. Ask
 * before suppressing a reader, with the time of her bounce: the storm may be over by the time it is looked at.
 */
export function listBounceStorms(
  db: Db | Tx,
  domains: readonly ServerDomain[],
  since: Date,
): Promise<ServerDomain[]> {
  return db.many<ServerDomain>(sql`
    select distinct transport_id, domain
      from circuits
      join unnest(${domains.map(({ transportId }) => transportId)}::smallint[],
                  ${domains.map(({ domain }) => domain)}::text[]) as asked (transport_id, domain)
           using (transport_id, domain)
     where kind = 'bounces'
       and (closed_at is null or closed_at >= ${since})
  `);
}

/** Until the transaction ends, no other begins a storm of bounces. */
export async function holdBackBounceStorms(tx: Tx): Promise<void> {
  await tx.run(sql`select pg_advisory_xact_lock_shared(hashtext('bounce storms'))`);
}

/** Waits for the transactions that hold storms back. */
export async function awaitBounceStormTurn(tx: Tx): Promise<void> {
  await tx.run(sql`select pg_advisory_xact_lock(hashtext('bounce storms'))`);
}
