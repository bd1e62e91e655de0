import type { Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import { DAY_MS, MINUTE_MS } from '../../platform/durations.js';

// The caller of each has locked the server's row with `lockTransport`.

/** Only the first use is recorded. */
export function recordFirstUse(tx: Tx, id: number, now: Date): Promise<number> {
  return tx.run(sql`
    update transports
       set first_used_at = ${now}
     where id = ${id}
       and first_used_at is null
  `);
}

/** Counts messages in their minute, and forgets the minutes that count no more. */
export async function addUsage(tx: Tx, transportId: number, minute: Date, messages: number): Promise<void> {
  const old = new Date(minute.getTime() - DAY_MS - MINUTE_MS);
  await tx.run(sql`
    delete from transport_usage
     where transport_id = ${transportId}
       and minute < ${old}
  `);
  await tx.run(sql`
    insert into transport_usage (transport_id, minute, messages)
    values (${transportId}, ${minute}, ${messages})
        on conflict (transport_id, minute)
        do update set messages = transport_usage.messages + excluded.messages
  `);
}

export function reduceUsage(tx: Tx, transportId: number, minute: Date, messages: number): Promise<number> {
  return tx.run(sql`
    update transport_usage
       set messages = greatest(0, messages - ${messages}::integer)
     where transport_id = ${transportId}
       and minute = ${minute}
  `);
}

export function reserveUntil(tx: Tx, transportId: number, until: Date): Promise<number> {
  return tx.run(sql`
    update transports
       set pace_reserved_until = ${until}
     where id = ${transportId}
  `);
}

/** Nothing happens where another reservation has been made since. */
export function shortenReservation(tx: Tx, transportId: number, from: Date, to: Date): Promise<number> {
  return tx.run(sql`
    update transports
       set pace_reserved_until = ${to}
     where id = ${transportId}
       and pace_reserved_until = ${from}
  `);
}
