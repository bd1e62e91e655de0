/** One line of the table. */
export type Metric = {
  bench: string;
  what: string;
  /** Undefined: it could not be measured, and `note` says why. */
  value: number | undefined;
  unit: string;
  bar?: { least: number } | { most: number };
  /** What the value is the median of. */
  runs?: number[];
  note?: string;
  /** Why this line does not count: the books of its run did not balance. */
  void?: string;
};

/** Whether a figure reaches its bar; undefined when it has none. A void line has met nothing. */
export function meetsTarget({ value, bar, ...metric }: Metric): boolean | undefined {
  if (bar === undefined) return undefined;
  if (value === undefined || metric.void !== undefined) return false;
  return 'least' in bar ? value >= bar.least : value <= bar.most;
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
