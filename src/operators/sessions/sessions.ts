import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { MINUTE_MS } from '../../platform/durations.js';
import { deleteSessionsOf } from '../account-writes.js';
import { recordActivity } from '../activity/record-activity.js';
import type { Operator } from '../operator.js';
import { findOperator } from '../reads.js';
import { findSession, listSessions } from './reads.js';
import { SESSION_MAX_AGE_MS, type Session } from './session.js';
import { deleteSession, markSignedIn, updateFresh, updateLastSeen } from './writes.js';

type SessionContext = Pick<Context, 'db' | 'now'>;

/** Not every request needs a write. */
const LAST_SEEN_PRECISION_MS = MINUTE_MS;

/** Who asks: a session, and whose it is. `operator` undefined: nobody in particular, let in by the command line. */
export type SignedIn = { session: Session; operator: Operator | undefined };

/** Undefined: nobody is signed in with this session, or her account was removed. */
export async function findSignedIn(context: SessionContext, sid: string): Promise<SignedIn | undefined> {
  const { db, now } = context;
  const session = await findSession(db, sid, oldestAt(now()));
  if (session === undefined) return undefined;
  const operator = session.operatorId === null ? undefined : await findOperator(db, session.operatorId);
  if (session.operatorId !== null && operator === undefined) return undefined;
  if (now().getTime() - session.lastSeenAt.getTime() > LAST_SEEN_PRECISION_MS)
    await db.transaction((tx) => updateLastSeen(tx, session.id, now()));
  return { session, operator };
}

/** A session that the web process has just stored is signed in from now on. */
export async function beginSession(
  { db, now }: SessionContext,
  sid: string,
  who: Pick<Session, 'operatorId' | 'browser' | 'networkHash'> & Partial<Pick<Session, 'signedInAt'>>,
): Promise<void> {
  const session = { signedInAt: now(), freshAt: now(), ...who };
  if ((await db.transaction((tx) => markSignedIn(tx, sid, session, now()))) === 0)
    throw new Error('A session was to be signed in that is not stored');
}

/** She has shown that it is she. */
export async function markFresh({ db, now }: SessionContext, id: string): Promise<void> {
  await db.transaction((tx) => updateFresh(tx, id, now()));
}

/** Her sessions that are signed in, the last seen first. */
export function listOwnSessions({ db, now }: SessionContext, operatorId: string): Promise<Session[]> {
  return listSessions(db, operatorId, oldestAt(now()));
}

/** False: it had ended before, or is somebody else's. */
export function endSession(
  context: Pick<Context, 'db' | 'now' | 'actor'>,
  operatorId: string,
  id: string,
): Promise<boolean> {
  return context.db.transaction(async (tx) => {
    const count = await deleteSession(tx, operatorId, id);
    await recordEnd(tx, context, operatorId, count);
    return count > 0;
  });
}

/**
 * @param exceptSid the one in which she says so
 * @returns how many ended
 */
export function endOtherSessions(
  context: Pick<Context, 'db' | 'now' | 'actor'>,
  operatorId: string,
  exceptSid: string,
): Promise<number> {
  return context.db.transaction(async (tx) => {
    const count = await deleteSessionsOf(tx, operatorId, exceptSid);
    await recordEnd(tx, context, operatorId, count);
    return count;
  });
}

async function recordEnd(
  tx: Tx,
  context: Pick<Context, 'now' | 'actor'>,
  operatorId: string,
  count: number,
): Promise<void> {
  if (count === 0) return;
  const change = { publicationId: null, subjectId: operatorId, after: { count } };
  await recordActivity(tx, context, { kind: 'operator.sessions-ended', ...change });
}

function oldestAt(now: Date): Date {
  return new Date(now.getTime() - SESSION_MAX_AGE_MS);
}
