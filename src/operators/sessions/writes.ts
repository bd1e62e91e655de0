import type { Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import type { Session } from './session.js';

/** Makes a session that is stored one that is signed in. 0: it is not stored. */
export function markSignedIn(
  tx: Tx,
  sid: string,
  session: Pick<Session, 'operatorId' | 'browser' | 'networkHash' | 'signedInAt' | 'freshAt'>,
  now: Date,
): Promise<number> {
  return tx.run(sql`
    update operator_sessions
       set operator_id = ${session.operatorId},
           signed_in_at = ${session.signedInAt},
           fresh_at = ${session.freshAt},
           last_seen_at = ${now},
           browser = ${session.browser},
           network_hash = ${session.networkHash}
     where sid = ${sid}
  `);
}

export function updateLastSeen(tx: Tx, id: string, now: Date): Promise<number> {
  return tx.run(sql`
    update operator_sessions
       set last_seen_at = ${now}
     where id = ${id}
  `);
}

export function updateFresh(tx: Tx, id: string, now: Date): Promise<number> {
  return tx.run(sql`
    update operator_sessions
       set fresh_at = ${now}
     where id = ${id}
  `);
}

/** One of her own. */
export function deleteSession(tx: Tx, operatorId: string, id: string): Promise<number> {
  return tx.run(sql`
    delete from operator_sessions
     where operator_id = ${operatorId}
       and id = ${id}
  `);
}
