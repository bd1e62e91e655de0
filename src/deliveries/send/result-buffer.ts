import type { Context } from '../../platform/context.js';
import type { BatchJournal } from '../batches/journal.js';
import type { AttemptKey, AttemptResult } from '../delivery.js';
import type { Lease } from '../batches/lease.js';
import { retryDatabaseWork } from './retry-database.js';
import { recordLateResults } from '../batches/record-late-results.js';
import { recordResults } from '../writes.js';

/** Carries endings into the ledger, many at a time. */
export type ResultBuffer = {
  /** The journal has it at once, the ledger soon. */
  add(row: AttemptKey, ending: AttemptResult): void;
  /** Resolves when the ledger has all of it. Throws when Postgres stays away; the journal has it still. */
  flush(): Promise<void>;
};

/** As many as fill a statement well, and as long as an operator who watches may wait. */
const MAX_BUFFERED_RESULTS = 500;
const MAX_BUFFER_MS = 250;

export function createResultBuffer(
  context: Pick<Context, 'db' | 'now' | 'log'>,
  lease: Lease,
  journal: BatchJournal,
): ResultBuffer {
  let gathered: (AttemptKey & { ending: AttemptResult })[] = [];
  let writing: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  const write = () => {
    clearTimeout(timer);
    timer = undefined;
    const rows = gathered;
    gathered = [];
    if (rows.length > 0) writing = runAfter(writing, () => writeResults(context, lease, rows));
    return writing;
  };
  const writeSoon = () => {
    // Whoever settles hears of trouble; before that there is nobody to tell.
    write().catch(() => {});
  };
  return {
    add({ subscriptionId, attempt }, ending) {
      const row = { subscriptionId, attempt, ending };
      journal.recordResult(row, ending);
      gathered.push(row);
      if (gathered.length >= MAX_BUFFERED_RESULTS) writeSoon();
      else timer ??= setTimeout(writeSoon, MAX_BUFFER_MS);
    },
    flush: write,
  };
}

async function runAfter(before: Promise<void>, work: () => Promise<void>): Promise<void> {
  await before;
  await work();
}

function writeResults(
  { db, now, log }: Pick<Context, 'db' | 'now' | 'log'>,
  lease: Lease,
  rows: readonly (AttemptKey & { ending: AttemptResult })[],
): Promise<void> {
  const { batch } = lease;
  const write = () => {
    const record = lease.isLive() ? recordResults : recordLateResults;
    return db.transaction(async (tx) => void (await record(tx, batch, rows, now())));
  };
  return retryDatabaseWork(write, (error) =>
    log.warn({ event: 'ledger.not-reached', ...batch, rows: rows.length, err: error }),
  );
}
