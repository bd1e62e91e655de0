import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';

/**
 * A file of small records that outlives the process that writes it. Each record is one plain write: it is safe from
 * kill -9 as soon as `append` returns, not from the loss of the machine.
 */
export type Journal = {
  /** @param record one line of text */
  append(record: string): void;
  /**
   * The same, before what is appended next to any journal of this process, or a moment later: for what may be lost with the
   * process, as long as nothing that is appended afterwards is kept.
   */
  appendSoon(record: string): void;
  /**
   * Whether nobody has sealed it. Asked after an append, "true" proves that whoever seals it later reads that record:
   * sealing writes before it reads, and this looks after it has written. False also when somebody has deleted the file:
   * nobody could read it later.
   */
  isOurs(): boolean;
  /** Everything in it is kept elsewhere: the file goes. */
  remove(): void;
  /** Leaves the file for whoever seals it. */
  close(): void;
};

const SEAL = 'sealed';

/** Begins a journal in a file that must not be there yet. */
export function openJournal(file: string): Journal {
  mkdirSync(dirname(file), { recursive: true });
  const fd = openSync(file, 'ax', 0o600);
  let size = 0;
  let waiting = '';
  let timer: NodeJS.Timeout | undefined;
  const write = (last = '') => {
    unwritten.delete(writeOrNot);
    const lines = Buffer.from(waiting + last);
    waiting = '';
    clearTimeout(timer);
    timer = undefined;
    size += lines.length;
    if (writeSync(fd, lines) < lines.length) throw new Error('The disk of the journal is full.');
  };
  /** What may be lost may be lost on a full disk too; what is appended next says so. */
  const writeOrNot = () => {
    try {
      write();
    } catch {
      timer = undefined;
    }
  };
  const end = () => {
    unwritten.delete(writeOrNot);
    clearTimeout(timer);
    closeSync(fd);
  };
  return {
    append(record) {
      for (const writeOther of unwritten) if (writeOther !== writeOrNot) writeOther();
      write(checked(record));
    },
    appendSoon(record) {
      unwritten.add(writeOrNot);
      waiting += checked(record);
      timer ??= setTimeout(writeOrNot, SOON_MS);
    },
    isOurs: () => {
      const found = fstatSync(fd);
      return found.size === size && found.nlink > 0;
    },
    remove() {
      end();
      rmSync(file, { force: true });
    },
    close() {
      writeOrNot();
      end();
    },
  };
}

const SOON_MS = 20;

/** Journals of this process with something to write soon: what is appended to one of them takes it along in all. */
const unwritten = new Set<() => void>();

/** Takes a journal from its owner, dead or only slow, and answers its records. Undefined: there is no such file (any more). */
export function sealJournal(file: string): string[] | undefined {
  if (!existsSync(file)) return undefined;
  const fd = openSync(file, 'a');
  // The line break ends what the owner may have left unfinished.
  writeSync(fd, `\n${checked(SEAL)}`);
  closeSync(fd);
  return readJournal(file)?.filter((record) => record !== SEAL);
}

/** The first record alone. Undefined: none has been written, or there is no such file (any more). */
export function firstRecord(file: string): string | undefined {
  return whereThere(() => {
    const fd = openSync(file, 'r');
    const start = Buffer.alloc(LONGEST_FIRST);
    const length = readSync(fd, start, 0, LONGEST_FIRST, 0);
    closeSync(fd);
    return recordIn(start.toString('utf8', 0, length).split('\n')[0] ?? '')[0];
  });
}

const LONGEST_FIRST = 4096;

/** The records so far; a torn one, which only the last can be, is left out. */
function readJournal(file: string): string[] | undefined {
  return whereThere(() => readFileSync(file, 'utf8').split('\n').flatMap(recordIn));
}

function whereThere<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function checked(record: string): string {
  return `${checksum(record)} ${record}\n`;
}

function recordIn(line: string): string[] {
  const record = line.slice(9);
  return line.slice(0, 9) === `${checksum(record)} ` ? [record] : [];
}

function checksum(record: string): string {
  return crc32(record).toString(16).padStart(8, '0');
}
