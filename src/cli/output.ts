import { toSafeText } from '../platform/text/safe-text.js';

/** Prints the lines, without what would control the terminal; with `--json` the value and nothing else. */
export function print(options: { json?: boolean }, value: unknown, lines: readonly string[]): void {
  process.stdout.write(
    options.json === true
      ? `${JSON.stringify(value)}\n`
      : lines.map((line) => `${toSafeText(line)}\n`).join(''),
  );
}

/** Columns under their headings, each as wide as its widest cell, two spaces apart. Without rows: the sentence `none`. */
export function listLines(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  none: string,
): string[] {
  if (rows.length === 0) return [none];
  const widths = headings.map((heading) => heading.length);
  for (const row of rows) row.forEach((cell, at) => (widths[at] = Math.max(widths[at] ?? 0, cell.length)));
  return [headings, ...rows].map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
