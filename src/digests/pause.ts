import type { Context } from '../platform/context.js';
import type { Tx } from '../platform/db/database.js';
import type { Controlled } from './control.js';
import { moveDigest } from './move.js';

/**
 * sending -> paused: workers take nothing more of it within a second or two, and what is on the wire finishes.
 * @param reason for an operator: the mail server's own words, or that she wished it
 */
export function pauseDigest(tx: Tx, id: string, reason: string): Promise<Controlled> {
  return moveDigest(tx, id, { control: 'pause', to: 'paused', reason });
}

const BY_HAND = 'An operator paused it.';

/** Whether it was a mail server's answers that paused it. */
export function isPausedByAnswers(reason: string | null): boolean {
  return reason !== null && reason !== BY_HAND;
}

/** An operator pauses it. One that a mail server's answers had paused before keeps that reason. */
export function pauseByHand({ db }: Pick<Context, 'db'>, id: string): Promise<Controlled> {
  return db.transaction((tx) => pauseDigest(tx, id, BY_HAND));
}
