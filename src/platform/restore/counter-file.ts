import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileSoon } from '../process/write-file.js';

/** The highest counter that this data directory has seen of a database, by the id of its installation. */
export type CounterFile = { read(id: string): number; raise(id: string, counter: number): void };

type Content = { id: string; counter: number };

/** It outlives the process, and a restored database; another database has another id, and counts from its own beginning. */
export function openCounterFile(dataDir: string): CounterFile {
  const path = join(dataDir, 'counter.json');
  const read = (id: string) => {
    const content = readContent(path);
    return content?.id === id ? content.counter : 0;
  };
  return {
    read,
    raise: (id, counter) => {
      if (counter <= read(id)) return;
      mkdirSync(dataDir, { recursive: true });
      // With each batch and notice: a counter that is lost in a power cut is only a little lower.
      writeFileSoon(path, JSON.stringify({ id, counter } satisfies Content));
    },
  };
}

/** Undefined when there is none yet, or it is not ours. */
function readContent(path: string): Content | undefined {
  try {
    const { id, counter } = JSON.parse(readFileSync(path, 'utf8')) as Partial<Content>;
    return typeof id === 'string' && typeof counter === 'number' ? { id, counter } : undefined;
  } catch {
    return undefined;
  }
}
