import { isMet, type Figure } from './figures.js';

const HEAD = ['', 'what', 'figure', 'bar', 'met'];

/** The figures as a table for a terminal, notes below. */
export function tableOf(figures: readonly Figure[]): string[] {
  const rows = [HEAD, ...figures.map(cells)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const lines = rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return [...lines, ...figures.flatMap(remarks)];
}

function cells(figure: Figure): string[] {
  const met = isMet(figure);
  return [
    figure.bench,
    figure.what,
    figure.value === undefined ? 'not measured' : `${inDigits(figure.value)} ${figure.unit}`.trim(),
    barOf(figure),
    figure.void !== undefined ? 'VOID' : met === undefined ? '' : met ? 'yes' : 'NO',
  ];
}

function barOf({ bar, unit }: Figure): string {
  if (bar === undefined) return '';
  return 'least' in bar ? `>= ${bar.least} ${unit}`.trim() : `<= ${bar.most} ${unit}`.trim();
}

function remarks({ bench, what, runs, note, ...figure }: Figure): string[] {
  const several = runs !== undefined && runs.length > 1 ? `median of ${runs.map(inDigits).join(', ')}` : '';
  const told = [figure.void === undefined ? '' : `VOID: ${figure.void}`, several, note ?? ''];
  const said = told.filter((text) => text !== '');
  return said.length === 0 ? [] : [`  ${bench}, ${what}: ${said.join('; ')}`];
}

/** Three figures that count are as many as such a measurement has. */
function inDigits(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en');
  return String(Number(value.toPrecision(3)));
}
