import { hostname } from 'node:os';
import type { Db } from '../db/database.js';
import { MINUTE_MS } from '../durations.js';
import type { Log } from '../log.js';
import { deleteClockDifference, readDatabaseTime, recordClockDifference } from './clock-differences.js';

/** Further apart, one of the two clocks is wrong, and nobody can know which: nothing is decided by either. */
export const MAX_CLOCK_DIFFERENCE_MS = 2 * MINUTE_MS;

/** Compares this process's clock with Postgres'. */
export type ClockCheck = {
  /** False while they are minutes apart. Costs nothing: a clock that jumps is noticed at once, before the next comparison. */
  isTrusted(): boolean;
  /**
   * What all processes agree on: our own time while it is trusted, else Postgres' as it was last heard. For what is mailed in
   * any case: dated by a clock that is a year behind, it would have expired for everybody else. A lease is never judged by it:
   * while the machine sleeps it stands still.
   */
  commonNow(): Date;
  /** Asks Postgres, logs when trust is lost or regained, and leaves the difference where the dashboard finds it. */
  compare(): Promise<void>;
};

/** @param now the process's clock; tests set it */
export function createClockCheck({ db, log, now }: { db: Db; log: Log; now: () => Date }): ClockCheck {
  const owner = `${hostname()} ${process.pid}`;
  // Postgres' time at a moment of the monotonic clock, which nobody sets.
  let known: { time: number; at: number } | undefined;
  let wasTrusted = true;
  const aheadMs = () =>
    known === undefined ? 0 : now().getTime() - known.time - (performance.now() - known.at);
  const isTrusted = () => Math.abs(aheadMs()) <= MAX_CLOCK_DIFFERENCE_MS;
  const compare = async () => {
    const askedAt = performance.now();
    const time = (await readDatabaseTime(db)).getTime();
    known = { time, at: (askedAt + performance.now()) / 2 };
    const difference = Math.round(aheadMs());
    if (!isTrusted()) await recordClockDifference(db, owner, difference);
    else if (!wasTrusted) await deleteClockDifference(db, owner);
    if (isTrusted() !== wasTrusted)
      log.warn({ event: isTrusted() ? 'clock.agrees' : 'clock.disagrees', aheadMs: difference });
    wasTrusted = isTrusted();
  };
  const commonNow = () =>
    known === undefined || isTrusted() ? now() : new Date(known.time + performance.now() - known.at);
  return { isTrusted, commonNow, compare };
}

/** For what runs without a comparison. */
export function createUncheckedClock(now: () => Date): Pick<ClockCheck, 'isTrusted' | 'commonNow'> {
  return { isTrusted: () => true, commonNow: now };
}
