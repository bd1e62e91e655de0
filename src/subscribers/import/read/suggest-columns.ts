import { parseAddress } from '../../address.js';
import { COLUMN_NAMES, EVENT_COLUMNS, PRESET_COLUMNS, PRESET_FIELDS } from './column-names.js';
import { presets, type Field, type FileKind, type Preset } from './fields.js';
import { parseDate } from './parse-date.js';
import { parseYes } from './parse-status.js';

export type Suggestion = {
  preset: Preset;
  kind: FileKind;
  /** For each column. No `email`: somebody has to say which it is. */
  columns: Field[];
};

export type TableStart = {
  header: readonly string[] | null;
  /** Cells of some rows. */
  rows: readonly (readonly string[])[];
  fileName: string;
  now: Date;
};

/** A column by its name in lower case with single blanks, and what stands in it, without blanks. */
type Column = { name: string; values: string[] };

const NAMED_FIELDS = Object.entries(COLUMN_NAMES).flatMap(([field, names]) =>
  names.split('|').map((name, rank) => ({ field: field as Field, name, rank })),
);

/** What the columns of a table are, as far as their names and values agree; where they do not, a column is left out. */
export function suggestColumns(start: TableStart): Suggestion {
  const columns = columnsOf(start);
  const preset = presetOf(columns, start);
  const fields = start.header === null ? unnamedFields(columns) : namedFields(columns, preset, start.now);
  return { preset, kind: kindOf(columns, fields, start.fileName), columns: fields };
}

/** Whether this is a table of what happened to mails: it has addresses, and is no list of readers. */
export function isEventTable(header: readonly string[] | null): boolean {
  return (header ?? []).some((name) => EVENT_COLUMNS.includes(plainName(name)));
}

function columnsOf({ header, rows }: TableStart): Column[] {
  const width = header?.length ?? rows[0]?.length ?? 0;
  return Array.from({ length: width }, (_, at) => ({
    name: plainName(header?.[at] ?? ''),
    values: rows.flatMap((cells) => {
      const cell = (cells[at] ?? '').trim();
      return cell === '' ? [] : [cell];
    }),
  }));
}

/** `Email Address`, `EMAIL_ADDRESS`, `emailAddress` and `subscriber.email-address` are one name. */
function plainName(name: string): string {
  return name
    .trim()
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .replace(/^(?:subscriber|member|contact|user)\./, '')
    .replaceAll(/[\s_\-:*]+/g, ' ')
    .trim();
}

function presetOf(columns: readonly Column[], { fileName }: TableStart): Preset {
  const names = new Set(columns.map(({ name }) => name));
  const isKnown = (preset: Preset) =>
    preset !== 'plain' &&
    PRESET_COLUMNS[preset].some((signature) => signature.split('|').every((name) => names.has(name)));
  const found = presets.filter(isKnown);
  const named = presets.find((preset) => fileName.toLowerCase().includes(preset));
  return (named !== undefined && found.includes(named) ? named : found[0]) ?? named ?? 'plain';
}

/** Where no column has a name: the only one in which nearly every value is an address. */
function unnamedFields(columns: readonly Column[]): Field[] {
  const isEmail = columns.map(({ values }) => values.length > 0 && addressShare(values) > 0.9);
  const isOnly = isEmail.filter(Boolean).length === 1;
  return isEmail.map((is) => (is && isOnly ? 'email' : 'ignore'));
}

function namedFields(columns: readonly Column[], preset: Preset, now: Date): Field[] {
  const fields: Field[] = columns.map(() => 'ignore');
  const ranked = columns
    .flatMap((column, at) => candidates(column, preset, now).map((one) => ({ ...one, at })))
    .toSorted((a, b) => a.rank - b.rank);
  for (const { field, at } of ranked) {
    const isFree = fields[at] === 'ignore';
    if (isFree && (isStatus(field) || field === 'topics' || !fields.includes(field))) fields[at] = field;
  }
  return leaveOutTwoAddresses(fields, ranked);
}

/** Two columns that may both be hers are left to whoever knows. */
function leaveOutTwoAddresses(fields: Field[], ranked: readonly { field: Field; at: number }[]): Field[] {
  const emails = ranked.filter(({ field }) => field === 'email');
  return emails.length > 1 ? fields.map((field) => (field === 'email' ? 'ignore' : field)) : fields;
}

function isStatus(field: Field): boolean {
  return field === 'status' || field === 'is-subscribed' || field === 'has-left';
}

/** What a column may be by its name, if its values can be that. */
function candidates(column: Column, preset: Preset, now: Date): { field: Field; rank: number }[] {
  const fields = PRESET_FIELDS[preset] ?? {};
  const own = Object.hasOwn(fields, column.name) ? fields[column.name] : undefined;
  const named =
    own === undefined ? NAMED_FIELDS.filter(({ name }) => name === column.name) : [{ field: own, rank: -1 }];
  return named.filter(({ field }) => field !== 'ignore' && fits(field, column, preset, now));
}

function fits(field: Field, { values, name }: Column, preset: Preset, now: Date): boolean {
  if (field === 'email') return values.length === 0 || addressShare(values) >= 0.5;
  // Nothing to be seen in it: a column of that name, and no harm.
  if (values.length === 0) return !isStatus(field);
  if (field === 'joined' || field === 'confirmed' || field === 'left') return isDates(values, now);
  if (field === 'is-subscribed' || field === 'has-left')
    return values.every((one) => parseYes(one) !== undefined);
  // Also one whose words are unknown: who has left must not come in as a reader. Rows that are not understood are named.
  if (field === 'status') return !isDates(values, now);
  if (field === 'cadence') return preset === 'substack' || name !== 'prefer digests';
  return true;
}

function isDates(values: readonly string[], now: Date): boolean {
  const dates = values.filter((one) => isDate(one, now)).length;
  return dates > values.length / 2;
}

function isDate(text: string, now: Date): boolean {
  const parsed = parseDate(text, undefined, now);
  return parsed === undefined || parsed.kind === 'date' || parsed.mistake !== 'bad-date';
}

function addressShare(values: readonly string[]): number {
  return values.filter((one) => parseAddress(one).kind === 'address').length / values.length;
}

function kindOf(columns: readonly Column[], fields: readonly Field[], fileName: string): FileKind {
  const names = columns.map(({ name }) => name);
  if (names.includes('clean time')) return 'cleaned';
  if (names.includes('unsub time')) return 'unsubscribed';
  if (fields.some(isStatus)) return 'mixed';
  const file = fileName.toLowerCase();
  if (/cleaned|bounce/.test(file)) return 'cleaned';
  if (/unsub|opt-?_?outs?|non-?_?subscribed|suppress/.test(file)) return 'unsubscribed';
  const left = columns[fields.indexOf('left')]?.values ?? [];
  return left.length > 0 ? 'mixed' : 'subscribed';
}
