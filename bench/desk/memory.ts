import pMap from 'p-map';
import type { Bench } from '../bench.js';
import type { Metric } from '../support/metrics.js';
import { heldMemory } from '../support/process-usage.js';
import type { DeskPage, Look } from './page.js';

const WARM_VIEWS = 2_000;
const VIEWS = 10_000;
const OPERATORS = 4;
/** What garbage collection leaves open between two looks at a process that keeps nothing. */
const MOST_GROWTH = 1.15;

/** How much more memory the web process holds after ten thousand views of the desk than after the first two thousand. */
export async function measureMemory(
  { log }: Bench,
  pid: number,
  look: Look,
  pages: readonly DeskPage[],
): Promise<Metric> {
  await view(look, pages, 0, WARM_VIEWS);
  const before = heldMemory(pid) ?? Number.NaN;
  await view(look, pages, WARM_VIEWS, VIEWS);
  const after = heldMemory(pid) ?? Number.NaN;
  log(
    `desk: memory ${toMegabytes(before)} MB after ${WARM_VIEWS} views, ${toMegabytes(after)} MB after ${VIEWS}`,
  );
  const what = `memory after ${VIEWS} views / after ${WARM_VIEWS}`;
  const note = `${toMegabytes(after)} MB`;
  return { bench: 'desk', what, value: after / before, unit: 'x', target: { max: MOST_GROWTH }, note };
}

async function view(look: Look, pages: readonly DeskPage[], from: number, to: number): Promise<void> {
  const numbers = Array.from({ length: to - from }, (_, at) => from + at);
  await pMap(
    numbers,
    async (number) => {
      const page = pages[number % pages.length];
      const answer = await look(page?.path(Math.floor(number / pages.length)) ?? '');
      await answer.arrayBuffer();
      if (answer.status !== 200) throw new Error(`${page?.what}: the page answered ${answer.status}.`);
    },
    { concurrency: OPERATORS },
  );
}

function toMegabytes(bytes: number): number {
  return Math.round(bytes / 1024 / 1024);
}
