import type { Cadence } from '../../../publications/publication.js';
import { plainCell } from '../../../platform/text/csv.js';
import { redactAddresses } from '../../../platform/text/redact.js';
import { canonicalTimeZone } from '../../../platform/text/time-zone.js';
import { parseAddress, type Address } from '../../address.js';
import type { Field, FileKind, Preset } from './fields.js';
import { parseCadence, parseLanguage, parseTopics } from './parse-choices.js';
import { parseDate, type DateOrder } from './parse-date.js';
import { parseStatus, parseYes, statusOfKind, stricter, type ImportStatus } from './parse-status.js';

/** One reader of a file. What the file does not say is not there. */
export type FileRow = {
  email: Address;
  locale?: string;
  timezone?: string;
  cadence?: Cadence;
  topics: string[];
  joinedAt?: Date;
  confirmedAt?: Date;
  status: ImportStatus;
  leftAt?: Date;
  reason?: string;
  source?: string;
  /** What links in mails of the old product name her by. */
  oldId?: string;
  oldKey?: string;
  /** Cells that were not understood; the rest of the row counts. */
  doubts: CellDoubt[];
};

export type CellDoubt = { field: Field; doubt: DoubtCode };
export type DoubtCode =
  | 'bad-date'
  | 'date-order'
  | 'date-range'
  | 'unknown-timezone'
  | 'unknown-language'
  | 'unknown-cadence';

/** Why a row is no reader. What stood in it is not kept. */
export type ValueMistake = 'no-address' | 'not-an-address' | 'two-addresses' | 'unknown-status';

export type ReadOptions = {
  /** How the file writes day and month; undefined: as nobody has said, what is ambiguous is left out. */
  dateOrder: DateOrder | undefined;
  preset: Preset;
  kind: FileKind;
  now: Date;
};

/** Longer reasons and sources are cut, in characters. */
const MAX_NOTE_CHARACTERS = 500;
const MAX_KEY_CHARACTERS = 200;

/** @param columns what each cell is, in the order of the cells */
export function readValues(
  columns: readonly Field[],
  cells: readonly string[],
  options: ReadOptions,
): { kind: 'row'; row: FileRow } | { kind: 'mistake'; mistake: ValueMistake } {
  const address = readAddress(plainCell(cells[columns.indexOf('email')] ?? ''));
  if (typeof address === 'string') return { kind: 'mistake', mistake: address };
  const row: FileRow = { email: address, topics: [], status: statusOfKind(options.kind), doubts: [] };
  let said: ImportStatus | undefined;
  let hasLeftDate = false;
  for (let at = 0; at < columns.length; at += 1) {
    const field = columns[at] ?? 'ignore';
    if (field === 'ignore' || field === 'email') continue;
    const cell = plainCell(cells[at] ?? '');
    if (field === 'status' || field === 'is-subscribed' || field === 'has-left') {
      const status = statusOf(field, cell, options.preset);
      if (status === undefined) return { kind: 'mistake', mistake: 'unknown-status' };
      said = stricter(said ?? status, status);
    } else if (cell.trim() !== '') hasLeftDate = addValue(row, field, cell.trim(), options) || hasLeftDate;
  }
  // A date of leaving may be of an earlier time, where the file also says how it is now.
  row.status = stricter(row.status, said ?? (hasLeftDate ? 'unsubscribed' : 'subscribed'));
  return { kind: 'row', row };
}

function readAddress(cell: string): Address | ValueMistake {
  if (cell.trim() === '') return 'no-address';
  const parsed = parseAddress(cell);
  if (parsed.kind === 'address') return parsed.address;
  const pieces = cell.split(/[\s,;|/]+/).filter((piece) => parseAddress(piece).kind === 'address');
  return pieces.length > 1 ? 'two-addresses' : 'not-an-address';
}

function statusOf(field: Field, cell: string, preset: Preset): ImportStatus | undefined {
  if (field === 'status') return parseStatus(cell, preset);
  // Who may be mailed has to be said, and who may not as well.
  if (field === 'is-subscribed' && cell.trim() === '') return undefined;
  const isYes = parseYes(cell);
  if (isYes === undefined) return undefined;
  return isYes === (field === 'is-subscribed') ? 'subscribed' : 'unsubscribed';
}

/** @returns whether the cell says that she has left */
function addValue(row: FileRow, field: Field, cell: string, options: ReadOptions): boolean {
  if (field === 'joined' || field === 'confirmed' || field === 'left')
    return addDate(row, field, cell, options);
  if (field === 'language') put(row, 'locale', parseLanguage(cell), { field, doubt: 'unknown-language' });
  if (field === 'timezone')
    put(row, 'timezone', canonicalTimeZone(cell), { field, doubt: 'unknown-timezone' });
  if (field === 'cadence') addCadence(row, cell, options.preset);
  if (field === 'topics')
    row.topics.push(...parseTopics(cell).filter((topic) => !row.topics.includes(topic)));
  if (field === 'old-id') row.oldId = cell.slice(0, MAX_KEY_CHARACTERS);
  if (field === 'old-key') row.oldKey = cell.slice(0, MAX_KEY_CHARACTERS);
  if (field === 'reason' || field === 'source')
    row[field] = redactAddresses(cell).slice(0, MAX_NOTE_CHARACTERS);
  return false;
}

function put(row: FileRow, key: 'locale' | 'timezone', value: string | undefined, doubt: CellDoubt): void {
  if (value === undefined) row.doubts.push(doubt);
  else row[key] = value;
}

/** Substack says only whether she wants posts together instead of one by one. */
function addCadence(row: FileRow, cell: string, preset: Preset): void {
  const wantsDigests = preset === 'substack' ? parseYes(cell) : undefined;
  if (wantsDigests === false) return;
  const cadence = wantsDigests === true ? 'daily' : parseCadence(cell);
  if (cadence === undefined) row.doubts.push({ field: 'cadence', doubt: 'unknown-cadence' });
  else row.cadence = cadence;
}

const DATES = { joined: 'joinedAt', confirmed: 'confirmedAt', left: 'leftAt' } as const;

function addDate(
  row: FileRow,
  field: keyof typeof DATES,
  cell: string,
  { dateOrder, now }: ReadOptions,
): boolean {
  const parsed = parseDate(cell, dateOrder, now);
  if (parsed === undefined) return false;
  if (parsed.kind === 'date') row[DATES[field]] = parsed.date;
  else row.doubts.push({ field, doubt: parsed.mistake });
  return field === 'left';
}
