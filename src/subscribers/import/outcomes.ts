import type { Import, ImportCounts } from './import.js';
import { judgeRow, type Outcome } from './judge-row.js';
import type { JudgedRow } from './file-reads.js';

/** By what becomes of them. */
export function groupByOutcome(
  rows: readonly JudgedRow[],
  consent: Import['consent'],
): Map<Outcome, JudgedRow[]> {
  const by = new Map<Outcome, JudgedRow[]>();
  for (const each of rows) {
    const outcome = judgeRow(each.row, each.here, consent);
    const group = by.get(outcome);
    if (group === undefined) by.set(outcome, [each]);
    else group.push(each);
  }
  return by;
}

export function countOutcomes(by: ReadonlyMap<Outcome, readonly unknown[]>): ImportCounts {
  return Object.fromEntries([...by].map(([outcome, rows]) => [outcome, rows.length]));
}

export function addUp<Counts extends Record<string, number | undefined>>(one: Counts, other: Counts): Counts {
  const sum: Record<string, number> = {};
  for (const counts of [one, other])
    for (const [key, count = 0] of Object.entries(counts)) sum[key] = (sum[key] ?? 0) + count;
  return sum as Counts;
}

/** Of some outcomes together. */
export function sumOf(counts: Import['done'] | null, ...keys: (keyof Import['done'])[]): number {
  return keys.reduce((sum, key) => sum + (counts?.[key] ?? 0), 0);
}
