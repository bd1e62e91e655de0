/** What spreadsheets take for a formula (OWASP, CSV Injection), also behind blanks. */
const FORMULA = /^\s*[=+\-@\t\r]/;

/**
 * One line of a CSV file (RFC 4180), with its line end. Every cell is quoted; one that a spreadsheet would take for a formula
 * gets an apostrophe in front, so that it stays text.
 */
export function csvLine(cells: readonly (string | number | null)[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

function csvCell(value: string | number | null): string {
  const text = value === null ? '' : String(value);
  const safe = typeof value === 'string' && FORMULA.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}
