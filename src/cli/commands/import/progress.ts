import type { Context } from '../../../platform/context.js';
import { outcomeWords } from '../../../http/dashboard/import/words.js';
import { sumOf } from '../../../subscribers/import/outcomes.js';
import { findImport } from '../../../subscribers/import/reads.js';

const EVERY_MS = 500;

/** On a terminal: how far it is, its rate, and the time left, in one line that is written over. */
export function showProgress({ db }: Pick<Context, 'db'>, id: string): { stop(): Promise<void> } {
  if (!process.stderr.isTTY) return { stop: async () => {} };
  const begun = performance.now();
  let reading: Promise<void> = Promise.resolve();
  const timer = setInterval(() => void (reading = show()), EVERY_MS);
  const show = async () => {
    const found = await findImport(db, id).catch(() => undefined);
    const outcomes = outcomeWords.map(({ outcome }) => outcome);
    const [done, of] = [sumOf(found?.done ?? null, ...outcomes), sumOf(found?.found ?? null, ...outcomes)];
    const rate = done / Math.max(1, (performance.now() - begun) / 1000);
    const left = rate === 0 ? '' : `, about ${Math.ceil((of - done) / rate)} s left`;
    process.stderr.write(`\r\u001b[K${done} of ${of}, ${Math.round(rate)} a second${left}`);
  };
  return {
    stop: async () => {
      clearInterval(timer);
      await reading;
      process.stderr.write('\r\u001b[K');
    },
  };
}
