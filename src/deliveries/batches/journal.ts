import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readFirstRecord, openJournal, sealJournal } from '../../platform/process/journal.js';
import { currentProcessIdentity, type ProcessIdentity } from '../../platform/process/identity.js';
import type { AttemptKey, BatchKey, AttemptResult } from '../delivery.js';

/**
 * What a worker writes down while it holds a batch's lease: before a final dot goes out, that it will, and afterwards what
 * the server said. Named by the lease, so that having the file is the right to decide what became of its deliveries.
 */
export type BatchJournal = {
  /** False: somebody took us for dead and sealed it, and the dot must not go out. */
  recordIntent(row: AttemptKey): boolean;
  /** How an attempt ended. Not lost with the next intent of its connection: so much doubt a dead worker leaves at most. */
  recordResult(row: AttemptKey, ending: AttemptResult): void;
  /** Everything in it is in Postgres. */
  remove(): void;
  /** Something in it is not: whoever seals it takes care of that. */
  close(): void;
};

export function createBatchJournal(dataDir: string, lease: string, batch: BatchKey): BatchJournal {
  const journal = openJournal(journalPath(dataDir, lease));
  try {
    journal.append(JSON.stringify({ batch, owner: currentProcessIdentity() }));
  } catch (error) {
    journal.remove();
    throw error;
  }
  return {
    recordIntent: ({ subscriptionId, attempt }) => {
      journal.append(`intent ${subscriptionId} ${attempt}`);
      return journal.isUnsealed();
    },
    recordResult: ({ subscriptionId, attempt }, ending) =>
      journal.appendDeferred(`ending ${subscriptionId} ${attempt} ${JSON.stringify(ending)}`),
    remove: () => journal.remove(),
    close: () => journal.close(),
  };
}

/** A journal that is there, of whichever worker that shares the data directory. */
export type JournalInfo = { lease: string; batch: BatchKey; owner: ProcessIdentity; lastWrittenAt: Date };

export function listBatchJournals(dataDir: string): JournalInfo[] {
  return listJournalLeases(dataDir).flatMap((lease) => findBatchJournal(dataDir, lease) ?? []);
}

/** The leases of all journals that are there. */
export function listJournalLeases(dataDir: string): string[] {
  mkdirSync(journalDirectory(dataDir), { recursive: true });
  return readdirSync(journalDirectory(dataDir))
    .filter((name) => name.endsWith(SUFFIX))
    .map((name) => name.slice(0, -SUFFIX.length));
}

/** Undefined: it is gone, or it has only been made yet; one that was never begun is cleared away. */
export function findBatchJournal(dataDir: string, lease: string): JournalInfo | undefined {
  const file = journalPath(dataDir, lease);
  const lastWrittenAt = statSync(file, { throwIfNoEntry: false })?.mtime;
  if (lastWrittenAt === undefined) return undefined;
  const head = readFirstRecord(file);
  if (head !== undefined)
    return { lease, lastWrittenAt, ...(JSON.parse(head) as Pick<JournalInfo, 'batch' | 'owner'>) };
  if (Date.now() - lastWrittenAt.getTime() > EMPTY_JOURNAL_GRACE_MS) deleteBatchJournal(dataDir, lease);
  return undefined;
}

/** What the owner intended and what it knew to have ended, by subscription and attempt. */
export type RecoveredAttempts = {
  intended: AttemptKey[];
  results: (AttemptKey & { ending: AttemptResult })[];
};

/** Takes a journal from its owner: from now on no dot goes out under its lease. Undefined: it is gone. */
export function sealBatchJournal(dataDir: string, lease: string): RecoveredAttempts | undefined {
  const records = sealJournal(journalPath(dataDir, lease));
  if (records === undefined) return undefined;
  const legacy: RecoveredAttempts = { intended: [], results: [] };
  for (const record of records.slice(1)) {
    const [kind, subscriptionId = '', attempt, ...rest] = record.split(' ');
    const row = { subscriptionId, attempt: Number(attempt) };
    if (kind === 'intent') legacy.intended.push(row);
    else legacy.results.push({ ...row, ending: parseResult(rest.join(' ')) });
  }
  return legacy;
}

export function deleteBatchJournal(dataDir: string, lease: string): void {
  rmSync(journalPath(dataDir, lease), { force: true });
}

function parseResult(json: string): AttemptResult {
  const ending = JSON.parse(json) as AttemptResult & { nextAttemptAt: string | null };
  return { ...ending, nextAttemptAt: ending.nextAttemptAt === null ? null : new Date(ending.nextAttemptAt) };
}

const SUFFIX = '.journal';
/** A journal gets its first record in the moment it is made; one that has none by then was killed in between. */
const EMPTY_JOURNAL_GRACE_MS = 60_000;

function journalPath(dataDir: string, lease: string): string {
  return join(journalDirectory(dataDir), `${lease}${SUFFIX}`);
}

function journalDirectory(dataDir: string): string {
  return join(dataDir, 'journal');
}
