import { scaleLinear } from 'd3-scale';
import { area, line } from 'd3-shape';
import type { ReadersOverTime } from '../../../dashboard/readers-over-time.js';

/**
 * Readers over time as the server draws them, in SVG. What is inside the inner picture is stretched to the width of the page, and
 * its units are days and pixels; `ticks` stand beside it, in pixels from the top.
 */
export type ReaderChart = {
  days: number;
  height: number;
  line: string;
  /** Filled down to zero; null where the chart does not begin at zero, and a filled shape would lie. */
  area: string | null;
  ticks: { y: number; count: number }[];
};

const HEIGHT = 160;
const MAX_TICKS = 2;
/** Where the number never fell below this share of its largest, the chart shows its upper part only. */
const WHOLE_SHARE = 0.5;

export function drawReaders(days: ReadersOverTime['days']): ReaderChart {
  const numbers = days.map(({ readers }) => readers);
  const [least, most] = [Math.min(...numbers), Math.max(...numbers, 1)];
  const bottom = least < most * WHOLE_SHARE || least === most ? 0 : least;
  const y = scaleLinear().domain([bottom, most]).nice(MAX_TICKS).range([HEIGHT, 0]);
  const points = numbers.map((readers, at): [number, number] => [at, y(readers)]);
  const isFromZero = y.domain()[0] === 0;
  return {
    days: Math.max(days.length - 1, 1),
    height: HEIGHT,
    line: line().digits(1)(points) ?? '',
    area: isFromZero ? area().digits(1).y0(HEIGHT)(points) : null,
    ticks: y
      .ticks(MAX_TICKS)
      .filter(Number.isInteger)
      .map((count) => ({ y: Math.round(y(count)), count })),
  };
}
