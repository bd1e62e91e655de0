import type { HourlyFormCounts } from '../../../dashboard/sign-up-overview.js';

type Bar = { kind: 'recorded' | 'held' | 'refused'; x: number; y: number; height: number };

/** A chart as the server draws it, in SVG: one bar for each hour, the oldest on the left; sizes in units of its `viewBox`. */
export type Chart = { width: number; height: number; barWidth: number; bars: Bar[]; max: number };

const CHART_HEIGHT = 120;
const BAR_STEP = 10;
const BAR_WIDTH = 8;

export function buildChart(hours: readonly HourlyFormCounts[]): Chart {
  const max = Math.max(...hours.map(totalForms), 1);
  const bars = hours.flatMap((hour, at) =>
    stack(hour, at * BAR_STEP + (BAR_STEP - BAR_WIDTH) / 2, CHART_HEIGHT / max),
  );
  return { width: hours.length * BAR_STEP, height: CHART_HEIGHT, barWidth: BAR_WIDTH, bars, max };
}

/** The bars of one hour, one on top of the other, from the bottom: recorded, held, refused. */
function stack(hour: HourlyFormCounts, x: number, scale: number): Bar[] {
  let y = CHART_HEIGHT;
  return (['recorded', 'held', 'refused'] as const)
    .filter((kind) => hour[kind] > 0)
    .map((kind) => {
      const height = roundToHundredths(hour[kind] * scale);
      y = roundToHundredths(y - height);
      return { kind, x, y, height };
    });
}

export function totalForms({ recorded, held, refused }: HourlyFormCounts): number {
  return recorded + held + refused;
}

function roundToHundredths(value: number): number {
  return Math.round(value * 100) / 100;
}
