import { isUtf8 } from 'node:buffer';
import { decodeLine, type Encoding } from './detect-encoding.js';
import { MAX_RECORD_BYTES, type Line, type RowMistake } from './table.js';

/** A record of a JSON file: its fields by name, those of objects within it as `name.field`. */
export type JsonRow = { line: number; fields: Map<string, string> } | { line: number; mistake: RowMistake };

/** So deep names of fields go; what is deeper stays JSON. */
const MAX_DEPTH = 3;

/** One line of JSON Lines (https://jsonlines.org); undefined: a blank one. */
export function readJsonLine({ number, text, mistake }: Line): JsonRow | undefined {
  if (mistake !== undefined) return { line: number, mistake };
  return text.trim() === '' ? undefined : readObject(number, text);
}

function readObject(line: number, text: string): JsonRow {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { line, mistake: 'not-json' };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { line, mistake: 'not-json' };
  const fields = new Map<string, string>();
  addFields(fields, value, '', 1);
  return { line, fields };
}

function addFields(fields: Map<string, string>, value: object, prefix: string, depth: number): void {
  for (const [name, one] of Object.entries(value) as [string, unknown][]) {
    const isObject = typeof one === 'object' && one !== null && !Array.isArray(one);
    if (isObject && depth < MAX_DEPTH) addFields(fields, one, `${prefix}${name}.`, depth + 1);
    else fields.set(`${prefix}${name}`, cellOf(one));
  }
}

function cellOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

const MARKS = /["\\{}\n]/g;

/**
 * The objects of a JSON array, wherever the pieces of it end; what stands between them is not looked at. JSON has no line end within
 * a string (RFC 8259 section 7): where there is one, the object is a mistake and the next begins behind it.
 */
export class JsonArrayRows {
  private rest = '';
  private line = 1;
  private startLine = 1;
  private depth = 0;
  private isInString = false;
  private isTooLong = false;
  /** Up to where `rest` has been looked at. */
  private seen = 0;
  private encoding: 'ascii' | 'utf-8' | 'windows-1252';

  constructor(encoding: Encoding) {
    this.encoding = encoding === 'utf-16le' || encoding === 'utf-16be' ? 'utf-8' : encoding;
  }

  push(bytes: Uint8Array): JsonRow[] {
    if (bytes.length === 0) return [];
    this.rest += Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
    const rows: JsonRow[] = [];
    let start = 0;
    MARKS.lastIndex = this.seen;
    for (let match = MARKS.exec(this.rest); match !== null; match = MARKS.exec(this.rest)) {
      const [mark] = match;
      const at = match.index;
      if (mark === '\\') {
        // What is escaped may be in the next piece.
        if (this.isInString) MARKS.lastIndex += 1;
      } else if (mark === '\n') {
        this.line += 1;
        if (this.isInString) this.breakOff(rows);
      } else if (this.depth === 0) {
        if (mark === '{') {
          start = at;
          this.begin();
        }
      } else if (mark === '"') this.isInString = !this.isInString;
      else if (!this.isInString) {
        this.depth += mark === '{' ? 1 : -1;
        if (this.depth === 0) rows.push(this.finish(this.rest.slice(start, at + 1)));
      }
    }
    this.keepFrom(start);
    return rows;
  }

  end(): JsonRow[] {
    return this.depth === 0 ? [] : [{ line: this.startLine, mistake: 'not-json' }];
  }

  private begin(): void {
    this.depth = 1;
    this.startLine = this.line;
  }

  private breakOff(rows: JsonRow[]): void {
    rows.push({ line: this.startLine, mistake: this.isTooLong ? 'too-long' : 'not-json' });
    this.isInString = false;
    this.isTooLong = false;
    this.depth = 0;
  }

  /** Holds the object that is not over, from its beginning, up to the limit. */
  private keepFrom(start: number): void {
    // An escaped character that has not come yet is left out with the next piece.
    const beyond = this.isInString && endsWithEscape(this.rest) ? 1 : 0;
    const kept = this.depth === 0 ? '' : this.rest.slice(start);
    if (kept.length > MAX_RECORD_BYTES) this.isTooLong = true;
    this.rest = this.isTooLong ? '' : kept;
    this.seen = this.rest.length + beyond;
  }

  private finish(bytes: string): JsonRow {
    const line = this.startLine;
    const isTooLong = this.isTooLong || bytes.length > MAX_RECORD_BYTES;
    this.isTooLong = false;
    if (isTooLong) return { line, mistake: 'too-long' };
    if (bytes.includes('\0')) return { line, mistake: 'nul' };
    if (this.encoding === 'ascii' && /[\x80-\xff]/.test(bytes))
      this.encoding = isUtf8(Buffer.from(bytes, 'latin1')) ? 'utf-8' : 'windows-1252';
    const text = this.encoding === 'ascii' ? bytes : decodeLine(bytes, this.encoding);
    return text === undefined ? { line, mistake: 'not-text' } : readObject(line, text);
  }
}

/** Whether the text ends with a backslash that escapes what comes next. */
function endsWithEscape(text: string): boolean {
  let slashes = 0;
  while (text[text.length - 1 - slashes] === '\\') slashes += 1;
  return slashes % 2 === 1;
}
