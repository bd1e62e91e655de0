import type { Aftermath } from './fault-ground.js';
import type { Figure } from './figures.js';

/** How many readers at most, by figure; a figure that is not named is reported without a bar. */
export type Bars = { missed?: number; doubled?: number; uncertain?: number; stallSeconds?: number };

/** The four figures that every fault has, a line each. */
export function figuresOf(
  what: string,
  aftermath: Aftermath,
  bars: Bars,
  remarks: { note?: string; void?: string | undefined } = {},
): Figure[] {
  const wrong = whatIsWrong(aftermath) ?? remarks.void;
  const line = { bench: 'faults', ...(wrong === undefined ? {} : { void: wrong }) };
  const { samples, mostSending, seconds } = aftermath;
  const seen = `books sampled ${samples} times, most in sending ${mostSending}, ${Math.round(seconds)} s in all`;
  const note = remarks.note === undefined ? seen : `${remarks.note}; ${seen}`;
  return [
    {
      ...line,
      what: `${what}: missed`,
      value: aftermath.missed,
      unit: 'readers',
      ...most(bars.missed),
      note,
    },
    { ...line, what: `${what}: doubled`, value: aftermath.doubled, unit: 'readers', ...most(bars.doubled) },
    {
      ...line,
      what: `${what}: uncertain`,
      value: aftermath.uncertain,
      unit: 'readers',
      ...most(bars.uncertain),
    },
    { ...line, what: `${what}: stall`, value: aftermath.stallSeconds, unit: 's', ...most(bars.stallSeconds) },
  ];
}

/** Whatever the fault, these are never right. */
function whatIsWrong({ broken, lost, otherMessageId, undoubted }: Aftermath): string | undefined {
  const wrong = [...broken];
  if (lost > 0) wrong.push(`${lost} are accepted in the ledger and were never at the sink`);
  if (otherMessageId > 0) wrong.push(`${otherMessageId} were mailed under several Message-IDs`);
  if (undoubted > 0)
    wrong.push(`the sink has ${undoubted} that the ledger calls neither accepted nor uncertain`);
  return wrong.length === 0 ? undefined : wrong.join('; ');
}

function most(bar: number | undefined): Pick<Figure, 'bar'> {
  return bar === undefined ? {} : { bar: { most: bar } };
}

/** One line that stands beside those four. */
export function figure(
  what: string,
  value: number,
  unit: string,
  bar?: Figure['bar'],
  note?: string,
): Figure {
  return {
    bench: 'faults',
    ...{ what, value, unit },
    ...(bar === undefined ? {} : { bar }),
    ...(note === undefined ? {} : { note }),
  };
}
