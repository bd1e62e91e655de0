import type { FormsOfHour } from '../../dashboard/sign-up-page.js';

type Bar = { kind: 'recorded' | 'held' | 'refused'; x: number; y: number; height: number };

/** A bar an hour, drawn by the server: `viewBox` units, the least recent on the left. */
export type Chart = { width: number; height: number; barWidth: number; bars: Bar[]; most: number };

const HEIGHT = 120;
const STEP = 10;
const BAR = 8;

export function chartOf(hours: readonly FormsOfHour[]): Chart {
  const most = Math.max(...hours.map(totalOf), 1);
  const bars = hours.flatMap((hour, at) => stack(hour, at * STEP + (STEP - BAR) / 2, HEIGHT / most));
  return { width: hours.length * STEP, height: HEIGHT, barWidth: BAR, bars, most };
}

/** From the ground up: what was recorded, what is held, what was sent back. */
function stack(hour: FormsOfHour, x: number, scale: number): Bar[] {
  let y = HEIGHT;
  return (['recorded', 'held', 'refused'] as const)
    .filter((kind) => hour[kind] > 0)
    .map((kind) => {
      const height = rounded(hour[kind] * scale);
      y = rounded(y - height);
      return { kind, x, y, height };
    });
}

export function totalOf({ recorded, held, refused }: FormsOfHour): number {
  return recorded + held + refused;
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
