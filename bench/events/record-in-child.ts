import { writeFileSync } from 'node:fs';
import type { IncomingEvent } from '../../src/events/event.js';
import { startChild, type Child } from '../support/child-process.js';
import type { RecordOptions, RecordResponse } from './record-child.js';

/** What is handed in at once, as one mail or one webhook is. */
const BATCH_SIZE = 500;

/**
 * Records events in a process of its own, which is killed so often while it works; what it had not finished is handed in again.
 * @returns the milliseconds that all finished batches took
 */
export async function recordInChild(
  options: RecordOptions,
  file: string,
  events: readonly IncomingEvent[],
  kills = 0,
): Promise<{ milliseconds: number; failures: number }> {
  writeFileSync(file, JSON.stringify(events));
  const total = { milliseconds: 0, failures: 0 };
  const killAt = new Set(
    Array.from({ length: kills }, (_, at) => Math.floor(((at + 1) * events.length) / (kills + 1))),
  );
  let child = await start(options);
  try {
    for (let from = 0; from < events.length;) {
      const to = Math.min(from + BATCH_SIZE, events.length);
      const request = { file, from, to };
      const kill = [...killAt].find((place) => place >= from && place < to);
      if (kill !== undefined) {
        killAt.delete(kill);
        await killDuring(child, request);
        child = await start(options);
        continue;
      }
      const response = await child.request<RecordResponse>(request);
      total.milliseconds += response.milliseconds;
      total.failures += response.failures;
      from = to;
    }
  } finally {
    await child.stop();
  }
  return total;
}

const start = (options: RecordOptions) => startChild(new URL('./record-child.ts', import.meta.url), options);

/** In the middle of its work, as far as a moment is that. */
async function killDuring(child: Child, request: object): Promise<void> {
  const answer = child.request(request).catch(() => {});
  await new Promise((resolve) => setTimeout(resolve, 30));
  process.kill(child.pid, 'SIGKILL');
  await answer;
}
