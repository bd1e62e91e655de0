import type { Context } from '../../platform/context.js';
import type { AttemptResult, FinishedAttempt } from '../attempt-result.js';
import type { BatchJournal } from '../batches/journal.js';
import type { Lease } from '../batches/lease.js';
import { recordIsolated } from '../batches/record-isolated.js';
import { recordLateResults } from '../batches/record-late-results.js';
import type { AttemptKey } from '../delivery.js';
import { recordAttempts } from '../record-attempts.js';
import { retryDatabaseWork } from './retry-database.js';

/** Writes attempt results to Postgres, many at a time. */
export type ResultBuffer = {
  /** The journal has it at once, Postgres soon. `domain`: the recipient's. */
  add(attempt: AttemptKey, result: AttemptResult, domain?: string): void;
  /** Resolves when Postgres has all of it. Throws when Postgres stays away; the journal has it still. */
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
  let buffered: FinishedAttempt[] = [];
  let writing: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  const write = () => {
    clearTimeout(timer);
    timer = undefined;
    const rows = buffered;
    buffered = [];
    if (rows.length > 0) writing = runAfter(writing, () => writeResults(context, lease, rows));
    return writing;
  };
  const writeSoon = () => {
    // The next flush throws this too; the log has it where the worker is stopped before that.
    write().catch((error: unknown) =>
      context.log.debug({ event: 'delivery.results-not-recorded', ...lease.batch, err: error }),
    );
  };
  return {
    add({ subscriptionId, attempt }, result, domain) {
      const row = { subscriptionId, attempt, result };
      journal.recordResult(row, result);
      buffered.push(domain === undefined ? row : { ...row, domain });
      if (buffered.length >= MAX_BUFFERED_RESULTS) writeSoon();
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
  context: Pick<Context, 'db' | 'now' | 'log'>,
  lease: Lease,
  rows: readonly FinishedAttempt[],
): Promise<void> {
  const { db, now, log } = context;
  const { batch } = lease;
  return recordIsolated(context, batch, rows, (part) => {
    const write = () => {
      const record = lease.isLive() ? recordAttempts : recordLateResults;
      return db.transaction(async (tx) => void (await record(tx, batch, part, now())));
    };
    return retryDatabaseWork(write, (error) =>
      log.warn({ event: 'delivery.results-not-recorded', ...batch, rows: part.length, err: error }),
    );
  });
}
