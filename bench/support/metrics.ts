/** One figure: a line of the table. */
export type Metric = {
  bench: string;
  what: string;
  /** Undefined: it could not be measured, and `note` says why. */
  value: number | undefined;
  unit: string;
  target?: { min: number } | { max: number };
  /** What the value is the median of. */
  runs?: number[];
  note?: string;
  /** Why this line does not count: ledger and sink of its run did not agree. */
  invalid?: string;
};

/** Whether a figure reaches its target; undefined when it has none. An invalid line never does. */
export function meetsTarget({ value, target, ...metric }: Metric): boolean | undefined {
  if (target === undefined) return undefined;
  if (value === undefined || metric.invalid !== undefined) return false;
  return 'min' in target ? value >= target.min : value <= target.max;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)];
  const lower = sorted[Math.ceil(middle) - 1];
  if (upper === undefined || lower === undefined) throw new Error('There is no median of nothing.');
  return (lower + upper) / 2;
}

/** A figure that is the median of several runs. */
export function medianMetric(metric: Omit<Metric, 'value' | 'runs'>, runs: readonly number[]): Metric {
  return { ...metric, value: runs.length === 0 ? undefined : median(runs), runs: [...runs] };
}
