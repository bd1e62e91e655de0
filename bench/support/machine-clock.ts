import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The wall clock of the processes that are started with this environment. */
export type MachineClock = {
  environment: Record<string, string>;
  /** Steps it: from now on it is ahead of ours by so many milliseconds, or behind. */
  set(aheadMs: number): void;
};

/** @param folder of this run; each clock has a name in it */
export function createMachineClock(folder: string, name: string): MachineClock {
  const file = join(folder, `${name}.clock`);
  const set = (aheadMs: number) => {
    writeFileSync(`${file}.new`, String(aheadMs));
    renameSync(`${file}.new`, file);
  };
  set(0);
  const preload = new URL('./stepped-clock.js', import.meta.url);
  return { environment: { NODE_OPTIONS: `--import=${preload.href}`, CLOCK_OFFSET_FILE: file }, set };
}
