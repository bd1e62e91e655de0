import type { Context } from '../../platform/context.js';
import { LONG_STATEMENT_LIMIT_MS } from '../../platform/db/database.js';
import { enqueue } from '../../platform/jobs/outbox.js';
import { domainOf } from '../../platform/mail/address.js';
import { foldTopic } from '../../publications/fold-topic.js';
import { findPublication } from '../../publications/reads.js';
import { domainHash } from '../suppression/address-hashes.js';
import type { Import, ImportCounts, ImportFile } from './import.js';
import { addUp, countOutcomes, groupByOutcome } from './outcomes.js';
import { openTable } from './read/open-table.js';
import type { Field } from './read/fields.js';
import { readValues, type FileRow, type ReadOptions } from './read/read-values.js';
import { listFiles, listNextRows, type ImportMistake } from './file-reads.js';
import { readParts } from './receive-file.js';
import { deleteReadRows, insertMistakes, insertRows, type NewRow } from './file-writes.js';
import { markChecked, moveImport, recordProblem } from './writes.js';

type CheckContext = Pick<Context, 'db' | 'now' | 'hashAddress' | 'stopping' | 'log'>;

const ROWS_AT_A_TIME = 2000;
/** So many lines with mistakes are kept to be mended; all are counted. */
const MAX_KEPT_MISTAKES = 100_000;

/**
 * Reads the files of an import and counts what becomes of their rows, and changes nothing for anybody. Begun anew after a crash: what
 * was read before is read again. A file that cannot be read leads back to `open`, with the file and the line.
 */
export async function checkImport(context: CheckContext, found: Import): Promise<void> {
  const { db, now } = context;
  await db.transaction((tx) => deleteReadRows(tx, found.id), { statementLimitMs: LONG_STATEMENT_LIMIT_MS });
  let counts: ImportCounts = {};
  for (const file of await listFiles(db, found.id)) {
    const read = await readFile(context, found, file);
    if (context.stopping.aborted)
      return db.transaction((tx) => enqueue(tx, 'import-readers', { importId: found.id }, now()));
    if ('problem' in read) return breakOff(context, found.id, read);
    counts = addUp(counts, read);
  }
  counts = addUp(counts, await judgeAll(context, found));
  await db.transaction((tx) => markChecked(tx, found.id, counts, now()));
}

type Problem = { problem: string; file: number; line: number | null };

async function breakOff({ db }: CheckContext, id: string, problem: Problem): Promise<void> {
  await db.transaction(async (tx) => {
    if ((await moveImport(tx, id, { by: 'break-off', to: 'open' })) === undefined) return;
    await deleteReadRows(tx, id);
    await recordProblem(tx, id, problem);
  });
}

async function readFile(
  context: CheckContext,
  found: Import,
  file: ImportFile,
): Promise<ImportCounts | Problem> {
  const opened = await openTable(readParts(context.db, file));
  if (opened.kind === 'mistake') return { problem: opened.mistake, file: file.number, line: null };
  const columns = (file.columns ?? []) as Field[];
  if (opened.table.columns !== columns.length)
    return { problem: 'other-columns', file: file.number, line: null };
  const publication = await findPublication(context.db, found.publicationId);
  const options: ReadOptions = {
    dateOrder: found.dateOrder ?? undefined,
    preset: file.preview?.preset ?? 'plain',
    kind: file.preview?.kind ?? 'mixed',
    now: context.now(),
  };
  const batch = createBatch(context, found.id, publication?.topics ?? []);
  for await (const rows of opened.table.rows()) {
    if (context.stopping.aborted) break;
    for (const row of rows) {
      if ('mistake' in row)
        batch.addMistake({ file: file.number, line: row.line, mistake: row.mistake, cells: [] });
      else {
        const value = readValues(columns, row.cells, options);
        if (value.kind === 'mistake')
          batch.addMistake({ file: file.number, line: row.line, mistake: value.mistake, cells: row.cells });
        else if (value.row.doubts.some(({ doubt }) => doubt === 'date-order'))
          return { problem: 'date-order', file: file.number, line: row.line };
        else batch.addRow(value.row);
      }
    }
    if (batch.size() >= ROWS_AT_A_TIME) await batch.store();
  }
  await batch.store();
  return batch.counts;
}

/** Rows that are stored together: those of one address as one, since a statement cannot write a row twice. */
function createBatch({ db, hashAddress }: CheckContext, importId: string, topics: readonly string[]) {
  const counts = { lines: 0, mistakes: 0, duplicates: 0 };
  const domains = new Map<string, Buffer>();
  const offered = new Map(topics.map((topic) => [foldTopic(topic), topic]));
  let rows: NewRow[] = [];
  let mistakes: ImportMistake[] = [];
  const hashOfDomain = (domain: string) => {
    const known = domains.get(domain);
    if (known !== undefined) return known;
    const hash = domainHash(hashAddress, domain);
    // A file of nothing but different domains is not held for that.
    if (domains.size >= MAX_KEPT_DOMAINS) domains.clear();
    domains.set(domain, hash);
    return hash;
  };
  const toRow = (row: FileRow): NewRow => ({
    addressHash: hashAddress(row.email.key),
    domainHash: hashOfDomain(domainOf(row.email.key)),
    email: row.email.email,
    emailKey: row.email.key,
    status: row.status,
    locale: row.locale ?? null,
    timezone: row.timezone ?? null,
    cadence: row.cadence ?? null,
    topics: JSON.stringify(row.topics.flatMap((topic) => offered.get(foldTopic(topic)) ?? [])),
    joinedAt: row.joinedAt ?? row.confirmedAt ?? null,
    leftAt: row.leftAt ?? null,
    oldId: row.oldId ?? null,
    oldKey: row.oldKey ?? null,
  });
  return {
    counts,
    size: () => rows.length + mistakes.length,
    addRow: (row: FileRow) => {
      counts.lines += 1;
      rows.push(toRow(row));
    },
    addMistake: (mistake: ImportMistake) => {
      counts.lines += 1;
      counts.mistakes += 1;
      if (counts.mistakes <= MAX_KEPT_MISTAKES) mistakes.push(mistake);
    },
    store: async () => {
      const [stored, broken] = [rows, mistakes];
      [rows, mistakes] = [[], []];
      await db.transaction(async (tx) => {
        for (const some of withoutRepeats(stored)) counts.duplicates += await insertRows(tx, importId, some);
        if (broken.length > 0) await insertMistakes(tx, importId, broken);
      });
    },
  };
}

const MAX_KEPT_DOMAINS = 50_000;

/** Rows that each have an address once, and then the repeated ones: one statement cannot write a row twice. */
function* withoutRepeats(rows: readonly NewRow[]): Generator<NewRow[]> {
  for (let left = rows; left.length > 0;) {
    const seen = new Set<string>();
    const repeated: NewRow[] = [];
    const first: NewRow[] = [];
    for (const row of left) {
      if (seen.has(row.emailKey)) repeated.push(row);
      else {
        seen.add(row.emailKey);
        first.push(row);
      }
    }
    yield first;
    left = repeated;
  }
}

async function judgeAll({ db }: CheckContext, found: Import): Promise<ImportCounts> {
  let counts: ImportCounts = {};
  for (let after: Buffer | null = null; ;) {
    const rows = await listNextRows(db, found, { after, limit: ROWS_AT_A_TIME });
    counts = addUp(counts, countOutcomes(groupByOutcome(rows, found.consent)));
    const last = rows.at(-1);
    if (last === undefined || rows.length < ROWS_AT_A_TIME) return counts;
    after = last.addressHash;
  }
}
