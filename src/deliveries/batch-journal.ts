import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { firstRecord, openJournal, sealJournal } from '../platform/journal.js';
import { ownIdentity, type ProcessIdentity } from '../platform/process-identity.js';
import type { Attempt, BatchKey, Ending } from './delivery.js';

/**
 * What a worker writes down while it holds a batch's lease: before a final dot goes out, that it will, and afterwards what
 * the server said. Named by the lease, so that having the file is the right to decide what became of its deliveries.
 */
export type BatchJournal = {
  /** False: somebody took us for dead and sealed it, and the dot must not go out. */
  intend(row: Attempt): boolean;
  /** How an attempt ended. Not lost with the next intent of its connection: so much doubt a dead worker leaves at most. */
  note(row: Attempt, ending: Ending): void;
  /** Everything in it is in Postgres. */
  remove(): void;
  /** Something in it is not: whoever seals it takes care of that. */
  close(): void;
};

export function beginBatchJournal(dataDir: string, lease: string, batch: BatchKey): BatchJournal {
  const journal = openJournal(fileOf(dataDir, lease));
  try {
    journal.append(JSON.stringify({ batch, owner: ownIdentity() }));
  } catch (error) {
    journal.remove();
    throw error;
  }
  return {
    intend: ({ subscriptionId, attempt }) => {
      journal.append(`intent ${subscriptionId} ${attempt}`);
      return journal.isOurs();
    },
    note: ({ subscriptionId, attempt }, ending) =>
      journal.appendSoon(`ending ${subscriptionId} ${attempt} ${JSON.stringify(ending)}`),
    remove: () => journal.remove(),
    close: () => journal.close(),
  };
}

/** A journal that is there, of whichever worker that shares the data directory. */
export type FoundJournal = { lease: string; batch: BatchKey; owner: ProcessIdentity; lastWrittenAt: Date };

export function listBatchJournals(dataDir: string): FoundJournal[] {
  return listJournalNames(dataDir).flatMap((lease) => findBatchJournal(dataDir, lease) ?? []);
}

/** The leases of all journals that are there. */
export function listJournalNames(dataDir: string): string[] {
  mkdirSync(folderOf(dataDir), { recursive: true });
  return readdirSync(folderOf(dataDir))
    .filter((name) => name.endsWith(SUFFIX))
    .map((name) => name.slice(0, -SUFFIX.length));
}

/** Undefined: it is gone, or it has only been made yet; one that was never begun is cleared away. */
export function findBatchJournal(dataDir: string, lease: string): FoundJournal | undefined {
  const file = fileOf(dataDir, lease);
  const lastWrittenAt = statSync(file, { throwIfNoEntry: false })?.mtime;
  if (lastWrittenAt === undefined) return undefined;
  const head = firstRecord(file);
  if (head !== undefined)
    return { lease, lastWrittenAt, ...(JSON.parse(head) as Pick<FoundJournal, 'batch' | 'owner'>) };
  if (Date.now() - lastWrittenAt.getTime() > STILLBORN_MS) forgetBatchJournal(dataDir, lease);
  return undefined;
}

/** What the owner intended and what it knew to have ended, by subscription and attempt. */
export type Legacy = { intended: Attempt[]; ended: (Attempt & { ending: Ending })[] };

/** Takes a journal from its owner: from now on no dot goes out under its lease. Undefined: it is gone. */
export function sealBatchJournal(dataDir: string, lease: string): Legacy | undefined {
  const records = sealJournal(fileOf(dataDir, lease));
  if (records === undefined) return undefined;
  const legacy: Legacy = { intended: [], ended: [] };
  for (const record of records.slice(1)) {
    const [kind, subscriptionId = '', attempt, ...rest] = record.split(' ');
    const row = { subscriptionId, attempt: Number(attempt) };
    if (kind === 'intent') legacy.intended.push(row);
    else legacy.ended.push({ ...row, ending: endingIn(rest.join(' ')) });
  }
  return legacy;
}

export function forgetBatchJournal(dataDir: string, lease: string): void {
  rmSync(fileOf(dataDir, lease), { force: true });
}

function endingIn(json: string): Ending {
  const ending = JSON.parse(json) as Ending & { nextAttemptAt: string | null };
  return { ...ending, nextAttemptAt: ending.nextAttemptAt === null ? null : new Date(ending.nextAttemptAt) };
}

const SUFFIX = '.journal';
/** A journal gets its first record in the moment it is made; one that has none by then was killed in between. */
const STILLBORN_MS = 60_000;

function fileOf(dataDir: string, lease: string): string {
  return join(folderOf(dataDir), `${lease}${SUFFIX}`);
}

function folderOf(dataDir: string): string {
  return join(dataDir, 'journal');
}
