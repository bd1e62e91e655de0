import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readFirstRecord, openJournal, sealJournal } from '../../platform/process/journal.js';
import { requireWritableFolder } from '../../platform/process/require-writable-folder.js';
import { currentProcessIdentity, type ProcessIdentity } from '../../platform/process/identity.js';
import type { AttemptResult, FinishedAttempt } from '../attempt-result.js';
import type { AttemptKey, BatchKey } from '../delivery.js';
import { skipReasonOf } from '../skip-reason.js';

/**
 * A file that a worker writes while it holds a batch's lease: before a final dot goes out, that it will, and afterwards how
 * the attempt ended. Named by the lease, so that having the file is the right to decide what became of its deliveries.
 */
export type BatchJournal = {
  /** False: another worker took us for dead and sealed it, and the final dot must not go out. */
  recordIntent(row: AttemptKey): boolean;
  /**
   * How an attempt ended. Written no later than the next intent: a worker that is killed leaves at most one uncertain
   * delivery for each connection.
   */
  recordResult(row: AttemptKey, result: AttemptResult): void;
  /** Everything in it is in Postgres. */
  remove(): void;
  /** Something in it is not: whoever seals it takes care of that. */
  close(): void;
};

export function createBatchJournal(dataDir: string, lease: string, batch: BatchKey): BatchJournal {
  const head = JSON.stringify({ batch, owner: currentProcessIdentity() });
  const journal = openJournal(journalPath(dataDir, lease), head);
  return {
    recordIntent: ({ subscriptionId, attempt }) => {
      journal.append(`intent ${subscriptionId} ${attempt}`);
      return journal.isUnsealed();
    },
    recordResult: ({ subscriptionId, attempt }, result) =>
      journal.appendDeferred(`result ${subscriptionId} ${attempt} ${JSON.stringify(result)}`),
    remove: () => journal.remove(),
    close: () => journal.close(),
  };
}

/** A journal in the data directory, of any of the workers that share it. */
export type JournalInfo = { lease: string; batch: BatchKey; owner: ProcessIdentity; lastWrittenAt: Date };

export function listBatchJournals(dataDir: string): JournalInfo[] {
  return listJournalLeases(dataDir).flatMap((lease) => findBatchJournal(dataDir, lease) ?? []);
}

/**
 * For a worker that starts: without its journal no digest leaves.
 * @throws UserFacingError when the folder of the journals cannot be written
 */
export function requireWritableJournals(dataDir: string): void {
  requireWritableFolder(journalDirectory(dataDir));
}

/** The leases of all journals that are there. */
export function listJournalLeases(dataDir: string): string[] {
  mkdirSync(journalDirectory(dataDir), { recursive: true });
  return readdirSync(journalDirectory(dataDir))
    .filter((name) => name.endsWith(SUFFIX))
    .map((name) => name.slice(0, -SUFFIX.length));
}

/** Undefined: it is gone, or its first record is not written yet; one that never got one is deleted after a minute. */
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

/** The attempts whose final dot the owner was about to send, and those that it knew to have ended. */
export type RecoveredAttempts = {
  intended: AttemptKey[];
  results: FinishedAttempt[];
};

/** Takes a journal from its owner: from now on no final dot goes out under its lease. Undefined: it is gone. */
export function sealBatchJournal(dataDir: string, lease: string): RecoveredAttempts | undefined {
  const records = sealJournal(journalPath(dataDir, lease));
  if (records === undefined) return undefined;
  const recovered: RecoveredAttempts = { intended: [], results: [] };
  for (const record of records.slice(1)) {
    const [kind, subscriptionId = '', attempt, ...rest] = record.split(' ');
    const row = { subscriptionId, attempt: Number(attempt) };
    const result = kind === 'intent' ? undefined : readResult(rest.join(' '));
    if (result === undefined) recovered.intended.push(row);
    else recovered.results.push({ ...row, result });
  }
  return recovered;
}

export function deleteBatchJournal(dataDir: string, lease: string): void {
  rmSync(journalPath(dataDir, lease), { force: true });
}

type StoredResult = Omit<AttemptResult, 'skipReason' | 'nextAttemptAt'> & {
  nextAttemptAt: string | null;
  skipReason?: AttemptResult['skipReason'];
};

/** Undefined: it is none that this version can read, and does not keep the others from being recorded. */
function readResult(json: string): AttemptResult | undefined {
  try {
    return parseResult(json);
  } catch {
    return undefined;
  }
}

/** Also of a journal that the version before migration 0022 wrote, where `answer` says in words why it was skipped. */
function parseResult(json: string): AttemptResult {
  const stored = JSON.parse(json) as StoredResult;
  const nextAttemptAt = stored.nextAttemptAt === null ? null : new Date(stored.nextAttemptAt);
  if (stored.skipReason !== undefined) return { ...stored, skipReason: stored.skipReason, nextAttemptAt };
  if (stored.state !== 'skipped') return { ...stored, skipReason: null, nextAttemptAt };
  const skipReason = skipReasonOf(stored.answer);
  const answer = skipReason === 'sender-fault' ? stored.answer : null;
  return { ...stored, skipReason, answer, nextAttemptAt };
}

const SUFFIX = '.journal';
/** A journal gets its first record at once; the owner of one that has none after this was killed in between. */
const EMPTY_JOURNAL_GRACE_MS = 60_000;

function journalPath(dataDir: string, lease: string): string {
  return join(journalDirectory(dataDir), `${lease}${SUFFIX}`);
}

function journalDirectory(dataDir: string): string {
  return join(dataDir, 'journal');
}
