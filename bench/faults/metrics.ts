import type { FaultResult } from './scenario.js';
import type { Metric } from '../support/metrics.js';

/** The most that each figure may be; one that is not named is reported without a target. */
export type Targets = { missed?: number; doubled?: number; uncertain?: number };

/** No start and no crash may keep mail that is due waiting for longer. */
export const MAX_SILENCE_SECONDS = 20;

/** The four figures that every fault has. */
export function toMetrics(
  what: string,
  result: FaultResult,
  targets: Targets,
  remarks: { note?: string; invalid?: string | undefined } = {},
): Metric[] {
  const wrong = invalidReason(result) ?? remarks.invalid;
  const line = { bench: 'faults', ...(wrong === undefined ? {} : { invalid: wrong }) };
  const { samples, mostSending, seconds } = result;
  const seen = `ledger sampled ${samples} times, most in sending ${mostSending}, ${Math.round(seconds)} s in all`;
  const note = remarks.note === undefined ? seen : `${remarks.note}; ${seen}`;
  return [
    {
      ...line,
      what: `${what}: missed`,
      value: result.missed,
      unit: 'readers',
      ...atMost(targets.missed),
      note,
    },
    { ...line, what: `${what}: doubled`, value: result.doubled, unit: 'readers', ...atMost(targets.doubled) },
    {
      ...line,
      what: `${what}: uncertain`,
      value: result.uncertain,
      unit: 'readers',
      ...atMost(targets.uncertain),
    },
    {
      ...line,
      what: `${what}: longest silence while mail is due`,
      value: result.silenceSeconds,
      unit: 's',
      ...atMost(MAX_SILENCE_SECONDS),
    },
  ];
}

/** What no fault may cause; undefined when nothing of it happened. */
function invalidReason({ violations, lost, otherMessageId, unrecorded }: FaultResult): string | undefined {
  const wrong = [...violations];
  if (lost > 0) wrong.push(`${lost} are accepted in the ledger and were never at the sink`);
  if (otherMessageId > 0) wrong.push(`${otherMessageId} were mailed under several Message-IDs`);
  if (unrecorded > 0)
    wrong.push(`the sink has ${unrecorded} that the ledger calls neither accepted nor uncertain`);
  return wrong.length === 0 ? undefined : wrong.join('; ');
}

function atMost(target: number | undefined): Pick<Metric, 'target'> {
  return target === undefined ? {} : { target: { max: target } };
}

/** A figure of one fault alone. */
export function faultMetric(
  what: string,
  value: number,
  unit: string,
  target?: Metric['target'],
  note?: string,
): Metric {
  return {
    bench: 'faults',
    ...{ what, value, unit },
    ...(target === undefined ? {} : { target }),
    ...(note === undefined ? {} : { note }),
  };
}
