import { readFileSync, realpathSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';

const MEMORY_FOLDER = '/dev/shm';
/** The databases of a run, of 10 MB each, their write-ahead log, of 1 GB, and the private servers of single tests. */
const ROOM_BYTES = 3e9;

/**
 * Where tests put the data of private servers: in memory, where there is room and programs may be run. A new database is three
 * hundred files and a new Postgres a thousand, and on a disk making them takes more waiting than work.
 */
export function fastFolder(): string {
  return hasRoom() && mayRunPrograms() ? MEMORY_FOLDER : realpathSync(tmpdir());
}

function hasRoom(): boolean {
  try {
    const { bavail, bsize } = statfsSync(MEMORY_FOLDER);
    return bavail * bsize >= ROOM_BYTES;
  } catch {
    return false; // there is no such folder
  }
}

/** Containers may have it mounted without that right. */
function mayRunPrograms(): boolean {
  const mounts = readFileSync('/proc/mounts', 'utf8').split('\n');
  const options = mounts.map((line) => line.split(' ')).findLast(([, at]) => at === MEMORY_FOLDER)?.[3];
  return options?.split(',').includes('noexec') === false;
}
