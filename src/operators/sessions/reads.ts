import type { Db, Tx } from '../../platform/db/database.js';
import { raw, sql } from '../../platform/db/sql.js';
import type { Session } from './session.js';

const sessionColumns = raw('id, operator_id, signed_in_at, fresh_at, last_seen_at, browser, network_hash');

/** Undefined: nobody is signed in with it, any more, or it began before `since`. */
export function findSession(db: Db | Tx, sid: string, since: Date): Promise<Session | undefined> {
  return db.maybe<Session>(sql`
    select ${sessionColumns}
      from operator_sessions
     where sid = ${sid}
       and signed_in_at > ${since}
  `);
}

/** An operator's sessions, the last seen first. */
export function listSessions(db: Db | Tx, operatorId: string, since: Date): Promise<Session[]> {
  return db.many<Session>(sql`
    select ${sessionColumns}
      from operator_sessions
     where operator_id = ${operatorId}
       and signed_in_at > ${since}
     order by last_seen_at desc, id
  `);
}
