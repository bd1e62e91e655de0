import { MAX_RECORD_BYTES, type CsvShape, type Line, type RawRow, type RowMistake } from './table.js';

/** What has been read of a record: its whole cells, and of a quoted one that goes on in the next line. */
type Cells = { cells: string[]; cell: string };
type OpenRecord = Cells & { lines: Line[]; size: number };

/**
 * Rows of a CSV file (RFC 4180), line by line. A quote is one only at the beginning of a cell, and at its end; elsewhere it is a
 * character. A cell may have line ends only if no quote in it is odd: a quote that was never closed, which would take in all up to
 * the next one, so costs its own line and no other.
 */
export class CsvRows {
  private open: OpenRecord | undefined;

  constructor(private readonly shape: CsvShape) {}

  /** The rows that end in these lines. */
  read(lines: readonly Line[]): RawRow[] {
    const rows: RawRow[] = [];
    for (const line of lines) {
      const cells =
        this.open === undefined && line.mistake === undefined ? this.cellsOf(line.text) : undefined;
      if (cells !== undefined) addCells(rows, line.number, cells);
      else this.readQuoted([line], rows);
    }
    return rows;
  }

  end(): RawRow[] {
    const rows: RawRow[] = [];
    while (this.open !== undefined) this.readQuoted(this.giveUp(rows), rows);
    return rows;
  }

  /** Of nearly all lines: a record by itself. Undefined: a quoted cell goes on, or should not. */
  private cellsOf(text: string): string[] | undefined {
    if (!text.includes('"'))
      return (text.endsWith('\r') ? text.slice(0, -1) : text).split(this.shape.delimiter);
    const record = { cells: [], cell: '' };
    return this.scan(text, record, false) === 'done' ? record.cells : undefined;
  }

  private readQuoted(lines: Line[], rows: RawRow[]): void {
    // Lines that are read again come before those that follow. Each time, one of them is done with.
    let queue = lines;
    for (let at = 0; at < queue.length;) {
      const line = queue[at++] as Line;
      if (this.readLine(line, rows)) continue;
      queue = [...this.giveUp(rows), ...queue.slice(at)];
      at = 0;
    }
  }

  /** The open record's first line is a mistake. @returns its other lines, to be read again */
  private giveUp(rows: RawRow[]): Line[] {
    const [first, ...others] = this.open?.lines ?? [];
    this.open = undefined;
    if (first !== undefined) rows.push({ line: first.number, mistake: first.mistake ?? 'quotes' });
    return others;
  }

  /** @returns whether the line makes sense; if not, the open record holds it */
  private readLine(line: Line, rows: RawRow[]): boolean {
    const record = this.open ?? { cells: [], cell: '', lines: [], size: 0 };
    const isContinued = this.open !== undefined;
    record.lines.push(line);
    record.size += line.text.length + 1;
    this.open = record;
    if (record.size > MAX_RECORD_BYTES) return false;
    const outcome = this.scan(line.text, record, isContinued);
    if (outcome === 'open') return true;
    if (outcome === 'odd') return false;
    this.open = undefined;
    const [{ number }] = record.lines as [Line];
    const mistake =
      record.lines.find((one) => one.mistake !== undefined)?.mistake ?? swallowed(record, this.shape);
    if (mistake !== undefined) rows.push({ line: number, mistake });
    else addCells(rows, number, record.cells);
    return true;
  }

  /** Reads the cells of a line into the record. `open`: a quoted cell goes on; `odd`: one that has odd quotes would. */
  private scan(text: string, record: Cells, isContinued: boolean): 'done' | 'open' | 'odd' {
    let at = 0;
    if (isContinued) {
      const end = this.scanQuoted(text, 0, record, true);
      if (typeof end === 'string') return end;
      at = end;
      if (at > text.length) return 'done';
    }
    while (at <= text.length) {
      let start = at;
      while (text[start] === ' ' || (text[start] === '\t' && this.shape.delimiter !== '\t')) start += 1;
      if (text[start] === '"') {
        record.cell = '';
        const end = this.scanQuoted(text, start + 1, record, false);
        if (typeof end === 'string') return end;
        at = end;
      } else at = this.scanBare(text, at, record);
    }
    return 'done';
  }

  /** @returns where the next cell begins; beyond the text: there is none */
  private scanBare(text: string, from: number, { cells }: Cells): number {
    const found = text.indexOf(this.shape.delimiter, from);
    const end = found === -1 ? text.length : found;
    const cell = text.slice(from, end);
    cells.push(found === -1 && cell.endsWith('\r') ? cell.slice(0, -1) : cell);
    return end + 1;
  }

  /** Reads up to the closing quote: the one before a delimiter or the line's end. @param from behind the opening quote */
  private scanQuoted(
    text: string,
    from: number,
    record: Cells,
    isContinued: boolean,
  ): number | 'open' | 'odd' {
    let isOdd = false;
    let start = from;
    for (let at = text.indexOf('"', from); at !== -1; at = text.indexOf('"', at + 1)) {
      if (this.shape.hasBackslashes && text[at - 1] === '\\' && at > from) {
        record.cell += `${text.slice(start, at - 1)}"`;
        start = at + 1;
        continue;
      }
      const next = this.afterQuote(text, at);
      if (next !== undefined) {
        if (isOdd && isContinued) return 'odd';
        record.cells.push(record.cell + text.slice(start, at));
        return next;
      }
      if (text[at + 1] === '"') {
        record.cell += text.slice(start, at + 1);
        at += 1;
        start = at + 1;
      } else isOdd = true;
    }
    if (isOdd) return 'odd';
    record.cell += `${text.slice(start)}${this.shape.lineEnd}`;
    return 'open';
  }

  /** Where the cell after a closing quote begins; undefined: the quote closes nothing. */
  private afterQuote(text: string, at: number): number | undefined {
    let next = at + 1;
    while (text[next] === ' ' || text[next] === '\r') next += 1;
    return next >= text.length || text[next] === this.shape.delimiter ? next + 1 : undefined;
  }
}

/** Blank lines are no rows. */
function addCells(rows: RawRow[], line: number, cells: string[]): void {
  if (cells.length > 1 || cells[0] !== '') rows.push({ line, cells });
}

/**
 * Whether a cell over several lines holds what looks like other rows: an address, and as many delimiters as rows have. A quote that
 * was left open and one further down may have come together, and whose address is whose cannot be known.
 */
function swallowed({ cells, lines }: OpenRecord, { delimiter }: CsvShape): RowMistake | undefined {
  if (lines.length < 2 || cells.length < 2) return undefined;
  const isSwallowed = cells.some((cell, at) => {
    const [, ...others] = cell.split(/[\r\n]+/);
    return others.some((text, index) => {
      const delimiters = text.split(delimiter).length - 1;
      const after = index === others.length - 1 ? cells.length - 1 - at : 0;
      return text.includes('@') && delimiters > 0 && delimiters + after >= cells.length - 1;
    });
  });
  return isSwallowed ? 'quotes' : undefined;
}
