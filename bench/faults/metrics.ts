import type { FaultResult } from './scenario.js';
import type { Metric } from '../support/metrics.js';

/** How many readers at most, by figure; a metric that is not named is reported without a target. */
export type Targets = { missed?: number; doubled?: number; uncertain?: number; stallSeconds?: number };

/** The four metrics that every fault has, a line each. */
export function toMetrics(
  what: string,
  result: FaultResult,
  bars: Targets,
  remarks: { note?: string; void?: string | undefined } = {},
): Metric[] {
  const wrong = voidReason(result) ?? remarks.void;
  const line = { bench: 'faults', ...(wrong === undefined ? {} : { void: wrong }) };
  const { samples, mostSending, seconds } = result;
  const seen = `books sampled ${samples} times, most in sending ${mostSending}, ${Math.round(seconds)} s in all`;
  const note = remarks.note === undefined ? seen : `${remarks.note}; ${seen}`;
  return [
    {
      ...line,
      what: `${what}: missed`,
      value: result.missed,
      unit: 'readers',
      ...atMost(bars.missed),
      note,
    },
    { ...line, what: `${what}: doubled`, value: result.doubled, unit: 'readers', ...atMost(bars.doubled) },
    {
      ...line,
      what: `${what}: uncertain`,
      value: result.uncertain,
      unit: 'readers',
      ...atMost(bars.uncertain),
    },
    {
      ...line,
      what: `${what}: stall`,
      value: result.stallSeconds,
      unit: 's',
      ...atMost(bars.stallSeconds),
    },
  ];
}

/** Whatever the fault, these are never right. */
function voidReason({ violations, lost, otherMessageId, unrecorded }: FaultResult): string | undefined {
  const wrong = [...violations];
  if (lost > 0) wrong.push(`${lost} are accepted in the ledger and were never at the sink`);
  if (otherMessageId > 0) wrong.push(`${otherMessageId} were mailed under several Message-IDs`);
  if (unrecorded > 0)
    wrong.push(`the sink has ${unrecorded} that the ledger calls neither accepted nor uncertain`);
  return wrong.length === 0 ? undefined : wrong.join('; ');
}

function atMost(bar: number | undefined): Pick<Metric, 'bar'> {
  return bar === undefined ? {} : { bar: { most: bar } };
}

/** One line that stands beside those four. */
export function faultMetric(
  what: string,
  value: number,
  unit: string,
  bar?: Metric['bar'],
  note?: string,
): Metric {
  return {
    bench: 'faults',
    ...{ what, value, unit },
    ...(bar === undefined ? {} : { bar }),
    ...(note === undefined ? {} : { note }),
  };
}
