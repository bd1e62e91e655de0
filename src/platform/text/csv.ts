/**
 * What spreadsheets take for a formula (OWASP, CSV Injection), also behind blanks and in the full-width forms that some of them
 * read alike; and the apostrophe, so that no text of its own looks like one that got it from us.
 */
const FORMULA = /^\s*['=+\-@\t\r\n＇＝＋－＠]/;

/**
 * One line of a CSV file (RFC 4180), with its line end. Every cell is quoted; one that a spreadsheet would take for a formula
 * gets an apostrophe in front, so that it stays text: `plainCell` takes it away again.
 */
export function csvLine(cells: readonly (string | number | null)[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

function csvCell(value: string | number | null): string {
  const text = value === null ? '' : String(value);
  const safe = typeof value === 'string' && FORMULA.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}

/** A cell of a file that `csvLine` wrote, without quotes, as it was before: exactly one apostrophe is taken away, where one was put. */
export function plainCell(text: string): string {
  return text.startsWith("'") && FORMULA.test(text.slice(1)) ? text.slice(1) : text;
}
