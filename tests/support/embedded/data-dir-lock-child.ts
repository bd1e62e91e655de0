// Locks the data directory of argument one again and again; ends with 1 when somebody else held it meanwhile.
import { closeSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { acquireDataDirLock } from '../../../src/platform/embedded/data-dir-lock.js';

const dataDir = process.argv[2] ?? '';
const held = join(dataDir, 'held');

await sleep(Number(process.argv[3]) - Date.now()); // everybody begins at the same moment
for (let round = 0; round < 10; round += 1) {
  const lock = await acquireDataDirLock(dataDir, () => {});
  if (lock.kind !== 'owned') process.exit(2);
  closeSync(openSync(held, 'wx')); // throws when it is there already
  await sleep(2);
  rmSync(held);
  lock.release();
}
