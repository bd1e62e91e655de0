import type { Context } from '../platform/context.js';
import type { BatchJournal } from './batch-journal.js';
import type { Attempt, Ending } from './delivery.js';
import type { Lease } from './lease.js';
import { patiently } from './patience.js';
import { recordLate } from './record-late.js';
import { recordEndings } from './writes.js';

/** Carries endings into the ledger, many at a time. */
export type Recorder = {
  /** The journal has it at once, the ledger soon. */
  record(row: Attempt, ending: Ending): void;
  /** Resolves when the ledger has all of it. Throws when Postgres stays away; the journal has it still. */
  settle(): Promise<void>;
};

/** As many as fill a statement well, and as long as an operator who watches may wait. */
const MOST = 500;
const LONGEST_MS = 250;

export function createRecorder(
  context: Pick<Context, 'db' | 'now' | 'log'>,
  lease: Lease,
  journal: BatchJournal,
): Recorder {
  let gathered: (Attempt & { ending: Ending })[] = [];
  let writing: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  const write = () => {
    clearTimeout(timer);
    timer = undefined;
    const rows = gathered;
    gathered = [];
    if (rows.length > 0) writing = after(writing, () => persistently(context, lease, rows));
    return writing;
  };
  const writeSoon = () => {
    // Whoever settles hears of trouble; before that there is nobody to tell.
    write().catch(() => {});
  };
  return {
    record({ subscriptionId, attempt }, ending) {
      const row = { subscriptionId, attempt, ending };
      journal.note(row, ending);
      gathered.push(row);
      if (gathered.length >= MOST) writeSoon();
      else timer ??= setTimeout(writeSoon, LONGEST_MS);
    },
    settle: write,
  };
}

async function after(before: Promise<void>, work: () => Promise<void>): Promise<void> {
  await before;
  await work();
}

function persistently(
  { db, now, log }: Pick<Context, 'db' | 'now' | 'log'>,
  lease: Lease,
  rows: readonly (Attempt & { ending: Ending })[],
): Promise<void> {
  const { batch } = lease;
  const write = () => {
    const record = lease.isLive() ? recordEndings : recordLate;
    return db.transaction(async (tx) => void (await record(tx, batch, rows, now())));
  };
  return patiently(write, (error) =>
    log.warn({ event: 'ledger.not-reached', ...batch, rows: rows.length, err: error }),
  );
}
