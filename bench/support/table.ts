import { meetsTarget, type Metric } from './metrics.js';

const HEADERS = ['', 'what', 'figure', 'target', 'met'];

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
    metric.invalid !== undefined ? 'INVALID' : met === undefined ? '' : met ? 'yes' : 'NO',
  ];
}

function formatTarget({ target, unit }: Metric): string {
  if (target === undefined) return '';
  return 'min' in target ? `>= ${target.min} ${unit}`.trim() : `<= ${target.max} ${unit}`.trim();
}

function listRemarks({ bench, what, runs, note, ...metric }: Metric): string[] {
  const several =
    runs !== undefined && runs.length > 1 ? `median of ${runs.map(formatNumber).join(', ')}` : '';
  const parts = [metric.invalid === undefined ? '' : `INVALID: ${metric.invalid}`, several, note ?? ''];
  const said = parts.filter((text) => text !== '');
  return said.length === 0 ? [] : [`  ${bench}, ${what}: ${said.join('; ')}`];
}

/** Three significant digits: a measurement like these has no more. */
function formatNumber(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en');
  return String(Number(value.toPrecision(3)));
}
