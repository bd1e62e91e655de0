import type { Encoding } from './detect-encoding.js';

/** Longer than any reader's record that a program writes, in bytes: more of a line or a record is not held. */
export const MAX_RECORD_BYTES = 65_536;

/** More than any export has; a file with more is no table of readers. */
export const MAX_COLUMNS = 400;

/** So much of a file's beginning is looked at to find out what it is, in bytes. */
export const SAMPLE_BYTES = 262_144;

/** Why a record cannot be read. What stood in it is not kept. */
export type RowMistake = 'too-long' | 'not-text' | 'nul' | 'quotes' | 'extra-cells' | 'not-json';

/** Why a file is no table of readers as a whole. */
export type TableMistake = 'empty' | 'no-table' | 'no-addresses' | 'spreadsheet' | 'too-many-columns';

/** A record by the number of its first line, from 1: as many cells as the table has columns; or why it cannot be read. */
export type TableRow = { line: number; cells: string[] } | { line: number; mistake: RowMistake };

export type CsvShape = {
  delimiter: ',' | ';' | '\t' | '|';
  /** A quote within a cell is written \" instead of "" (MailPoet). */
  hasBackslashes: boolean;
  lineEnd: '\n' | '\r';
};

export type DetectedFormat =
  | { format: 'csv'; encoding: Encoding; shape: CsvShape }
  | { format: 'json-lines'; encoding: Encoding; lineEnd: '\n' | '\r' }
  /** `from`: the byte at which the array begins, which may be a field of an object. */
  | { format: 'json'; encoding: Encoding; from: number };

export type Table = DetectedFormat & {
  /** Null: the file has none, and its first line is a reader. */
  header: string[] | null;
  columns: number;
  /** The records of the file's first 256 KiB, for suggestions. */
  sample: TableRow[];
  /** All records, a chunk's at a time, once: nothing of what was yielded is held. */
  rows(): AsyncGenerator<TableRow[]>;
  /** Instead of `rows`: nothing more is wanted of the source. */
  close(): Promise<void>;
};

/** A record before its cells are compared with the columns. */
export type RawRow = { line: number; cells: string[] } | { line: number; mistake: RowMistake };

/** One line of the file without its end, by its number from 1. Of one with a mistake, text that only keeps quotes in step. */
export type Line = { number: number; text: string; mistake?: RowMistake };
