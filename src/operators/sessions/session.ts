import { DAY_MS, MINUTE_MS } from '../../platform/durations.js';

/** One browser that is signed in. */
export type Session = {
  /** What pages call it; its cookie has another secret. */
  id: string;
  /** Null: a link that the command line made for nobody in particular. */
  operatorId: string | null;
  signedInAt: Date;
  /** When she last showed that it is she. */
  freshAt: Date;
  lastSeenAt: Date;
  /** As in "Firefox on Linux"; null for one of an earlier version. */
  browser: string | null;
  networkHash: Buffer | null;
};

/** From signing in on, whether it is used or not. */
export const SESSION_MAX_AGE_MS = 7 * DAY_MS;

/** So long after she showed that it is she, she is not asked again before a sensitive act. */
const FRESH_MS = 10 * MINUTE_MS;

export function isFresh({ freshAt }: Pick<Session, 'freshAt'>, now: Date): boolean {
  return now.getTime() - freshAt.getTime() < FRESH_MS;
}
