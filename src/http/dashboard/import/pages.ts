import type { Request, Response } from 'express';
import type { Context } from '../../../platform/context.js';
import type { TemplateData } from '../../../platform/templates/templates.js';
import type { Import, ImportFile } from '../../../subscribers/import/import.js';
import { missingOf } from '../../../subscribers/import/prepare-import.js';
import { sumOf } from '../../../subscribers/import/outcomes.js';
import { productIds, productName } from '../../../subscribers/import/products.js';
import { findImport, listImports } from '../../../subscribers/import/reads.js';
import { listFiles, listMistakes } from '../../../subscribers/import/file-reads.js';
import { FIRST_DAY_STARTS } from '../../../subscribers/import/start-mailing.js';
import { isOver, UNDO_WINDOW_MS } from '../../../subscribers/import/undo-import.js';
import { cadences } from '../../../publications/publication.js';
import { publicationDeskOf, sendDeskPage } from '../frame/desk.js';
import { findFlash } from '../frame/flash.js';
import { sendNotFound } from '../frame/own-row.js';
import { rhythmWords } from '../readers/reader-words.js';
import {
  describeMistake,
  describeProblem,
  fieldWords,
  flashes,
  missingWords,
  outcomeWords,
  stateWords,
} from './words.js';

export type ImportContext = Pick<Context, 'db' | 'now' | 'templates'>;

/** Seconds until a page that shows progress looks again. */
const REFRESH_SECONDS = '2';
const IMPORTS_SHOWN = 50;
const MISTAKES_SHOWN = 20;

/** The imports of a newsletter, and where one begins. */
export async function showImports(context: ImportContext, req: Request, res: Response): Promise<void> {
  const { publication } = publicationDeskOf(res);
  const imports = await listImports(context.db, [publication.id], {
    before: undefined,
    limit: IMPORTS_SHOWN,
  });
  return sendDeskPage(context, res, 'dashboard-imports', {
    flash: req.query['done'] === 'archived' ? 'The newsletter is archived: nobody can be added.' : null,
    imports: imports.map((one) => ({ ...one, stateWord: describeState(one) })),
    products: productIds.map((id) => ({ id, name: id === 'other' ? 'Another list' : productName(id) })),
  });
}

/** One import, at the step at which it is. */
export async function showImport(
  context: ImportContext,
  req: Request<{ id: string }>,
  res: Response,
): Promise<void> {
  const found = await findImport(context.db, req.params.id);
  if (found === undefined) return sendNotFound(context, req, res);
  const files = await listFiles(context.db, found.id);
  const isGoingOn = ['checking', 'adding', 'undoing'].includes(found.state);
  if (isGoingOn) res.set('Refresh', REFRESH_SECONDS);
  const mistakes = await listMistakes(context.db, found.id, { after: undefined, limit: MISTAKES_SHOWN });
  const missing = missingOf(found, files);
  const { done, mistake } = req.query;
  return sendDeskPage(context, res, 'dashboard-import', {
    found,
    isGoingOn,
    flash: isGoingOn ? null : findFlash({ ...flashes, ...missingWords }, done),
    fileMistake: done === 'no-table' && typeof mistake === 'string' ? describeProblem(mistake) : null,
    problem: found.problem === null ? null : describeProblem(found.problem),
    files: files.map(describeFile),
    missing: missing === undefined ? null : missingWords[missing],
    fields: Object.entries(fieldWords).map(([value, label]) => ({ value, label })),
    rhythms: cadences.map((value) => ({ value, label: rhythmWords[value] })),
    rows: describeRows(found),
    toAdd: sumOf(found.found, 'new', 'was-pending'),
    toAsk: sumOf(found.found, 'asks'),
    toLeave: sumOf(found.found, 'opted-out', 'leaves', 'do-not-mail'),
    progress: describeProgress(found),
    brought: sumOf(found.done, 'new', 'was-pending'),
    asked: sumOf(found.done, 'asks'),
    firstDay: FIRST_DAY_STARTS,
    mistakes: mistakes.map(({ file, line, mistake: code }) => ({
      file: files.find(({ number }) => number === file)?.name ?? '',
      line,
      words: describeMistake(code),
    })),
    mistakeCount:
      (found.state === 'checked' ? found.found : found.done)?.mistakes ?? found.found?.mistakes ?? 0,
    undoUntil: found.addedAt === null ? null : new Date(found.addedAt.getTime() + UNDO_WINDOW_MS),
    mayUndo: found.state === 'added' && !isOver(found, context.now()),
  });
}

function describeFile({ number, name, bytes, columns, preview }: ImportFile): TemplateData {
  const width = columns?.length ?? 0;
  return {
    number,
    name,
    kilobytes: Math.ceil(bytes / 1024),
    hasAddress: columns?.includes('email') ?? false,
    columns: Array.from({ length: width }, (_, index) => ({
      index,
      name: preview?.header?.[index] ?? `Column ${index + 1}`,
      chosen: columns?.[index] ?? 'ignore',
      sample: sampleOf((preview?.rows ?? []).map((row) => row[index] ?? '')),
    })),
  };
}

const SAMPLE_CHARACTERS = 40;

/** What stands in a column, a row beside the other. */
function sampleOf(cells: readonly string[]): string {
  const shown = cells.map((cell) => {
    const text = cell.trim();
    return text.length > SAMPLE_CHARACTERS ? `${text.slice(0, SAMPLE_CHARACTERS)}…` : text;
  });
  return shown.filter((cell) => cell !== '').join(' · ');
}

function describeRows({ state, found, done }: Import): { words: string; count: number; isGood: boolean }[] {
  const counts = state === 'checked' ? (found ?? {}) : done;
  return outcomeWords.flatMap(({ outcome, checked, added, isGood = false }) => {
    const count = counts[outcome] ?? 0;
    return count === 0 ? [] : [{ words: state === 'checked' ? checked : added, count, isGood }];
  });
}

function describeProgress({ state, found, done }: Import): { done: number; of: number; percent: number } {
  const outcomes = outcomeWords.map(({ outcome }) => outcome);
  const sum = (counts: Import['done'] | null) => sumOf(counts, ...outcomes);
  const [reached, of] =
    state === 'undoing'
      ? [sumOf(done, 'taken-back', 'tombstones', 'kept'), sumOf(done, 'new', 'was-pending')]
      : [sum(done), sum(found)];
  return { done: reached, of, percent: of === 0 ? 0 : Math.min(100, Math.floor((100 * reached) / of)) };
}

function describeState({ state, startAt, startStopped, started, done }: Import): string {
  if (state !== 'added') return stateWords[state];
  const brought = sumOf(done, 'new', 'was-pending', 'asks');
  if (startStopped !== null) return 'Added, stopped';
  if (startAt === null) return brought === 0 ? 'Added' : 'Added, not started';
  return started >= brought ? 'Added and started' : `Added, ${started.toLocaleString('en')} started`;
}
