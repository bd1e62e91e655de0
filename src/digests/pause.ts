import type { Context } from '../platform/context.js';
import type { Tx } from '../platform/db/database.js';
import type { DigestActionResult } from './actions.js';
import { changeDigestState } from './transition.js';

/**
 * sending -> paused: workers take nothing more of it within a second or two, and what is on the wire finishes.
 * @param reason for an operator: the mail server's own words, or that she wished it
 */
export function pauseDigest(tx: Tx, id: string, reason: string): Promise<DigestActionResult> {
  return changeDigestState(tx, id, { control: 'pause', to: 'paused', reason });
}

const PAUSED_BY_OPERATOR = 'An operator paused it.';

/** Whether it was a mail server's answers that paused it. */
export function isPausedByReplies(reason: string | null): boolean {
  return reason !== null && reason !== PAUSED_BY_OPERATOR;
}

/** An operator pauses it. One that a mail server's answers had paused before keeps that reason. */
export function pauseDigestByOperator({ db }: Pick<Context, 'db'>, id: string): Promise<DigestActionResult> {
  return db.transaction((tx) => pauseDigest(tx, id, PAUSED_BY_OPERATOR));
}
