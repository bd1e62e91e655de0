import { recordActivity } from '../../operators/activity/record-activity.js';
import { actingAs, actorOf } from '../../platform/actor.js';
import type { Context } from '../../platform/context.js';
import { LONG_STATEMENT_LIMIT_MS } from '../../platform/db/database.js';
import { DAY_MS } from '../../platform/durations.js';
import { enqueue } from '../../platform/jobs/outbox.js';
import { redactAddresses } from '../../platform/text/redact.js';
import { domainHash } from './address-hashes.js';
import { findFile } from './file-reads.js';
import {
  deleteFiles,
  insertFile,
  insertFileRows,
  insertMistakes,
  markFileDone,
  markFileRunning,
  markRead,
  suppressFileRows,
} from './file-writes.js';
import { parseLine } from './parse-line.js';
import { readLines } from './read-lines.js';
import { MAX_NAMED_MISTAKES, type FileMistake, type SuppressionFile } from './suppression-file.js';

type FileContext = Pick<Context, 'db' | 'now' | 'actor' | 'hashAddress'>;

/** So many lines are stored at a time, and no more are held. */
const LINES_AT_A_TIME = 2000;

/**
 * Reads a file of addresses and domains (`parseLine`), and counts what it would add. Nobody is suppressed before `startFile`. One that
 * breaks off leaves nothing.
 * @param change `publicationId` null: for all publications
 * @throws what the source throws
 */
export async function readFile(
  context: FileContext,
  change: { publicationId: string | null; note: string },
  source: AsyncIterable<Uint8Array>,
): Promise<{ id: string }> {
  const { db, now, actor } = context;
  const note = redactAddresses(change.note);
  const file = await db.transaction((tx) => insertFile(tx, { ...change, note, actor }, now()));
  try {
    const counts = await storeLines(context, file.id, source);
    await db.transaction((tx) => markRead(tx, file.id, counts), {
      statementLimitMs: LONG_STATEMENT_LIMIT_MS,
    });
  } catch (error) {
    await db.transaction((tx) => deleteFiles(tx, { id: file.id }));
    throw error;
  }
  return file;
}

async function storeLines(
  { db, hashAddress }: FileContext,
  fileId: string,
  source: AsyncIterable<Uint8Array>,
): Promise<{ lines: number; unreadable: number }> {
  let rows: { addressHash: Buffer; domain: string | null; line: number }[] = [];
  let mistakes: FileMistake[] = [];
  const counts = { lines: 0, unreadable: 0 };
  const store = async () => {
    const stored = { rows, mistakes };
    rows = [];
    mistakes = [];
    await db.transaction(async (tx) => {
      if (stored.rows.length > 0) await insertFileRows(tx, fileId, stored.rows);
      if (stored.mistakes.length > 0) await insertMistakes(tx, fileId, stored.mistakes);
    });
  };
  for await (const text of readLines(source)) {
    counts.lines += 1;
    const line = text.number;
    const entry = parseLine(text);
    if (entry === undefined) continue;
    if ('mistake' in entry) {
      counts.unreadable += 1;
      if (counts.unreadable <= MAX_NAMED_MISTAKES) mistakes.push({ line, mistake: entry.mistake });
    } else if ('domain' in entry) {
      rows.push({ addressHash: domainHash(hashAddress, entry.domain), domain: entry.domain, line });
    } else rows.push({ addressHash: hashAddress(entry.emailKey), domain: null, line });
    if (rows.length + mistakes.length >= LINES_AT_A_TIME) await store();
  }
  await store();
  return counts;
}

/** Has what was read added; pressed twice, it is added once. */
export function startFile(
  { db, now }: Pick<Context, 'db' | 'now'>,
  id: string,
): Promise<{ kind: 'started' | 'not-ready' }> {
  return db.transaction(async (tx) => {
    if (!(await markFileRunning(tx, id))) return { kind: 'not-ready' };
    await enqueue(tx, 'suppress-file', { fileId: id }, now());
    return { kind: 'started' };
  });
}

const ROWS_AT_A_TIME = 2000;

/** Adds what is left of a file, and records how many once it is over. History names whoever added it. */
export async function addFile(context: FileContext & Pick<Context, 'stopping'>, id: string): Promise<void> {
  const { db, now, stopping } = context;
  const file = await findFile(db, id);
  if (file?.state !== 'running') return;
  let rows = 1;
  while (rows > 0 && !stopping.aborted)
    rows = await db.transaction((tx) => suppressFileRows(tx, id, ROWS_AT_A_TIME, now()));
  if (stopping.aborted) return db.transaction((tx) => enqueue(tx, 'suppress-file', { fileId: id }, now()));
  await finish(actingAs(context, actorOf(file)), file);
}

async function finish(
  context: Pick<FileContext, 'db' | 'now' | 'actor'>,
  { id, publicationId, note }: SuppressionFile,
): Promise<void> {
  await context.db.transaction(async (tx) => {
    const counts = await markFileDone(tx, id, context.now());
    if (counts === undefined) return;
    const after = { ...counts, everywhere: publicationId === null, note };
    const change = { kind: 'suppression.file-added', publicationId, subjectId: null } as const;
    await recordActivity(tx, context, { ...change, after });
  });
}

/** For so long an operator can look at what was done, and begin what was read. */
const KEPT_MS = 7 * DAY_MS;

export async function deleteOldFiles({ db, now }: Pick<Context, 'db' | 'now'>): Promise<void> {
  const before = new Date(now().getTime() - KEPT_MS);
  await db.transaction((tx) => deleteFiles(tx, { before }), { statementLimitMs: LONG_STATEMENT_LIMIT_MS });
}
