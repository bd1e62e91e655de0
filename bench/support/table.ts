import { meetsTarget, type Metric } from './metrics.js';

const HEADERS = ['', 'what', 'figure', 'bar', 'met'];

/** The figures as a table for a terminal, notes below. */
export function formatTable(figures: readonly Metric[]): string[] {
  const rows = [HEADERS, ...figures.map(formatRow)];
  const widths = HEADERS.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const lines = rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return [...lines, ...figures.flatMap(listRemarks)];
}

function formatRow(figure: Metric): string[] {
  const met = meetsTarget(figure);
  return [
    figure.bench,
    figure.what,
    figure.value === undefined ? 'not measured' : `${formatNumber(figure.value)} ${figure.unit}`.trim(),
    formatTarget(figure),
    figure.void !== undefined ? 'VOID' : met === undefined ? '' : met ? 'yes' : 'NO',
  ];
}

function formatTarget({ bar, unit }: Metric): string {
  if (bar === undefined) return '';
  return 'least' in bar ? `>= ${bar.least} ${unit}`.trim() : `<= ${bar.most} ${unit}`.trim();
}

function listRemarks({ bench, what, runs, note, ...figure }: Metric): string[] {
  const several =
    runs !== undefined && runs.length > 1 ? `median of ${runs.map(formatNumber).join(', ')}` : '';
  const told = [figure.void === undefined ? '' : `VOID: ${figure.void}`, several, note ?? ''];
  const said = told.filter((text) => text !== '');
  return said.length === 0 ? [] : [`  ${bench}, ${what}: ${said.join('; ')}`];
}

/** Three figures that count are as many as such a measurement has. */
function formatNumber(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en');
  return String(Number(value.toPrecision(3)));
}
