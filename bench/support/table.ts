import { meetsTarget, type Metric } from './metrics.js';

const HEADERS = ['', 'what', 'figure', 'bar', 'met'];

/** The figures as a table for a terminal, notes below. */
export function formatTable(metrics: readonly Metric[]): string[] {
  const rows = [HEADERS, ...metrics.map(formatRow)];
  const widths = HEADERS.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const lines = rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return [...lines, ...metrics.flatMap(listRemarks)];
}

function formatRow(metric: Metric): string[] {
  const met = meetsTarget(metric);
  return [
    metric.bench,
    metric.what,
    metric.value === undefined ? 'not measured' : `${formatNumber(metric.value)} ${metric.unit}`.trim(),
    formatTarget(metric),
    metric.void !== undefined ? 'VOID' : met === undefined ? '' : met ? 'yes' : 'NO',
  ];
}

function formatTarget({ bar, unit }: Metric): string {
  if (bar === undefined) return '';
  return 'least' in bar ? `>= ${bar.least} ${unit}`.trim() : `<= ${bar.most} ${unit}`.trim();
}

function listRemarks({ bench, what, runs, note, ...metric }: Metric): string[] {
  const several =
    runs !== undefined && runs.length > 1 ? `median of ${runs.map(formatNumber).join(', ')}` : '';
  const parts = [metric.void === undefined ? '' : `VOID: ${metric.void}`, several, note ?? ''];
  const said = parts.filter((text) => text !== '');
  return said.length === 0 ? [] : [`  ${bench}, ${what}: ${said.join('; ')}`];
}

/** Three figures that count are as many as such a measurement has. */
function formatNumber(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en');
  return String(Number(value.toPrecision(3)));
}
