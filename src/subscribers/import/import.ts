import type { ActorKind } from '../../platform/actor.js';
import type { Transition } from '../../platform/db/transitions.js';
import type { Cadence } from '../../publications/publication.js';
import type { Outcome } from './judge-row.js';
import type { FileKind, Preset } from './read/fields.js';

export type ImportState = 'open' | 'checking' | 'checked' | 'adding' | 'added' | 'undoing' | 'undone';

/** What moves an import from one state to another. */
export type ImportOperation = 'create' | 'check' | 'finish' | 'break-off' | 'change' | 'add' | 'undo';

/** Only an operator's order leads to `adding` and `undoing`; what breaks off while it is checked is open again. */
export const IMPORT_TRANSITIONS: readonly Transition<ImportState, ImportOperation>[] = [
  { from: null, to: 'open', by: 'create' },
  { from: 'open', to: 'checking', by: 'check' },
  { from: 'checking', to: 'checked', by: 'finish' },
  { from: 'checking', to: 'open', by: 'break-off' },
  { from: 'checked', to: 'open', by: 'change' },
  { from: 'checked', to: 'adding', by: 'add' },
  { from: 'adding', to: 'added', by: 'finish' },
  { from: 'added', to: 'undoing', by: 'undo' },
  { from: 'undoing', to: 'undone', by: 'finish' },
];

/** Numbers of rows by what becomes of them, with the lines that could not be used and the rows of addresses that stood there before. */
export type ImportCounts = Partial<Record<Outcome | 'lines' | 'mistakes' | 'duplicates', number>>;

/** What undoing did with whom. `kept`: who changed something herself since; `tombstones`: who was mailed, so that her links work. */
export type UndoCounts = Partial<Record<'taken-back' | 'tombstones' | 'kept', number>>;

/** Readers who are brought from another product, and how far that is. */
export type Import = {
  id: string;
  publicationId: string;
  /** A product that we know, or `other`; and its name, as readers know it. */
  product: string;
  productName: string;
  state: ImportState;
  /** What is done with those who agreed there: mailed once that is started, or each asked to confirm. */
  consent: 'mail' | 'ask';
  /** Where and how they agreed, in an operator's words. */
  statement: string | null;
  /** For readers of whom the files do not say it. */
  cadence: Cadence;
  timezone: string;
  dateOrder: 'day-first' | 'month-first' | null;
  /** Most confirmation mails in an hour. */
  asksPerHour: number;
  /** Why the last step broke off, and where. */
  problem: string | null;
  problemFile: number | null;
  problemLine: number | null;
  /** By the check; null: it was not checked. */
  found: ImportCounts | null;
  done: ImportCounts & UndoCounts;
  /** When mailing starts; null: nobody has started it. By how many a day at first; null: all at once. */
  startAt: Date | null;
  startsPerDay: number | null;
  /** Readers whose mailing has been started. */
  started: number;
  startStopped: 'bounces' | 'operator' | null;
  actorKind: ActorKind;
  actorId: string | null;
  createdAt: Date;
  checkedAt: Date | null;
  addedAt: Date | null;
  undoneAt: Date | null;
};

/** A file of an import. Its bytes are kept in parts, in Postgres: the next part may reach another web process. */
export type ImportFile = {
  importId: string;
  number: number;
  name: string;
  bytes: number;
  isComplete: boolean;
  /** What each column means; null: nobody has said it, and nothing was suggested. */
  columns: string[] | null;
  preview: ImportPreview | null;
};

/** What an operator sees of a file before anything happens. */
export type ImportPreview = {
  /** The names of its columns; null: it has none. */
  header: string[] | null;
  /** The first rows. */
  rows: string[][];
  /** The product whose export it looks like, and what its rows are as a whole. */
  preset: Preset;
  kind: FileKind;
};
