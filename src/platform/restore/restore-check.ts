import type { Db } from '../db/database.js';
import type { Log } from '../log.js';
import { openCounterFile } from './counter-file.js';
import {
  advanceCounter,
  findMailHold,
  holdMail,
  readInstallation,
  readSystemIdentifier,
  storeSystemIdentifier,
  type RestoreReason,
} from './installation.js';

/** Where else the highest counter of a database is kept: Redis, where the queue is there. */
export type CounterStore = {
  readCounter(id: string): Promise<number>;
  raiseCounter(id: string, counter: number): Promise<void>;
};

/**
 * Notices that the database was restored from an older copy, or is a copy: everything that was due in it may have been
 * mailed since. Then mail is held until an operator decides.
 */
export type RestoreCheck = {
  /** Compares the database with what else has counted. At the start, and every minute. */
  compare(): Promise<void>;
  /** Counts a batch or notice before any of it is sent. False: mail is held. */
  count(): Promise<boolean>;
  /** Undefined while mail is not held. */
  heldSince(): Promise<Date | undefined>;
  /** An operator says that the database was restored. */
  hold(): Promise<void>;
};

type Options = { db: Db; log: Log; now: () => Date; dataDir: string; elsewhere: CounterStore };

export function createRestoreCheck({ db, log, now, dataDir, elsewhere }: Options): RestoreCheck {
  const file = openCounterFile(dataDir);
  let highest = 0;
  const hold = async (reason: RestoreReason, survivedCounter: number) => {
    if ((await holdMail(db, { reason, survivedCounter }, now())) > 0)
      log.warn({ event: 'database.restored', reason });
  };
  const raise = async (id: string, counter: number) => {
    highest = Math.max(highest, counter);
    file.raise(id, counter);
    // While Redis is away the file has to do.
    await elsewhere.raiseCounter(id, counter).catch(() => {});
  };
  const compare = async () => {
    const { id } = await readInstallation(db);
    // Read before the counter they are compared with: workers go on counting.
    const survived = Math.max(highest, file.read(id), await elsewhere.readCounter(id).catch(() => 0));
    const { counter, systemIdentifier, heldSince } = await readInstallation(db);
    const found = await readSystemIdentifier(db);
    if (counter < survived) await hold('older', survived);
    else if (systemIdentifier !== null && found !== undefined && found !== systemIdentifier)
      await hold('copy', survived);
    else if (heldSince === null) {
      if (systemIdentifier === null && found !== undefined) await storeSystemIdentifier(db, found);
      await raise(id, counter);
    }
  };
  const count = async () => {
    // Every count is committed before the next: what was the highest when this one began is lower than it.
    const before = highest;
    const { id, counter, heldSince } = await advanceCounter(db);
    if (counter <= before) await hold('older', before);
    if (counter <= before || heldSince !== null) return false;
    await raise(id, counter);
    return true;
  };
  const heldSince = async () => (await findMailHold(db))?.heldSince;
  return { compare, count, heldSince, hold: () => hold('said', highest) };
}
