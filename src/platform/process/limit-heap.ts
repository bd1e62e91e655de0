import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * From now on garbage is collected when the heap has grown by 30 %, not by several times its size: a process that sends
 * for an hour stays as small as one that has just started. V8 measures growth from the last collection, so one is run now.
 */
export function limitHeapGrowth(): void {
  setFlagsFromString('--heap-growing-percent=30');
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
}
