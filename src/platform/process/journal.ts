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
   * Appends with the next `append` to any journal of this process, before it, or after 20 ms: for a record that may be lost
   * with the process as long as no later record is in the file.
   */
  appendDeferred(record: string): void;
  /**
   * Whether nobody has sealed it. Asked after an append, "true" proves that whoever seals it later reads that record:
   * sealing writes before it reads, and this looks after it has written. False also when somebody has deleted the file:
   * nobody could read it later.
   */
  isUnsealed(): boolean;
  /** Deletes the file: everything in it is stored elsewhere. */
  remove(): void;
  /** Leaves the file for whoever seals it. */
  close(): void;
};

const SEAL_RECORD = 'sealed';

/** Begins a journal in a file that must not be there yet. */
export function openJournal(file: string): Journal {
  mkdirSync(dirname(file), { recursive: true });
  const fd = openSync(file, 'ax', 0o600);
  let size = 0;
  let waiting = '';
  let timer: NodeJS.Timeout | undefined;
  const write = (last = '') => {
    pendingFlushes.delete(writeOrNot);
    const lines = Buffer.from(waiting + last);
    waiting = '';
    clearTimeout(timer);
    timer = undefined;
    size += lines.length;
    if (writeSync(fd, lines) < lines.length) throw new Error('The disk of the journal is full.');
  };
  /** Deferred records may be lost on a full disk too; the next `append` throws then. */
  const writeOrNot = () => {
    try {
      write();
    } catch {
      timer = undefined;
    }
  };
  const end = () => {
    pendingFlushes.delete(writeOrNot);
    clearTimeout(timer);
    closeSync(fd);
  };
  return {
    append(record) {
      for (const writeOther of pendingFlushes) if (writeOther !== writeOrNot) writeOther();
      write(withChecksum(record));
    },
    appendDeferred(record) {
      pendingFlushes.add(writeOrNot);
      waiting += withChecksum(record);
      timer ??= setTimeout(writeOrNot, DEFERRED_FLUSH_MS);
    },
    isUnsealed: () => {
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

const DEFERRED_FLUSH_MS = 20;

/** Deferred records of all journals of this process: an `append` to one journal writes them all first. */
const pendingFlushes = new Set<() => void>();

/** Ends a journal for its owner, dead or only slow, and returns its records. Undefined: there is no such file (any more). */
export function sealJournal(file: string): string[] | undefined {
  if (!existsSync(file)) return undefined;
  const fd = openSync(file, 'a');
  // The line break ends what the owner may have left unfinished.
  writeSync(fd, `\n${withChecksum(SEAL_RECORD)}`);
  closeSync(fd);
  return readJournal(file)?.filter((record) => record !== SEAL_RECORD);
}

/** The first record alone. Undefined: none has been written, or there is no such file (any more). */
export function readFirstRecord(file: string): string | undefined {
  return ifFileExists(() => {
    const fd = openSync(file, 'r');
    const start = Buffer.alloc(MAX_FIRST_RECORD_BYTES);
    const length = readSync(fd, start, 0, MAX_FIRST_RECORD_BYTES, 0);
    closeSync(fd);
    return parseRecord(start.toString('utf8', 0, length).split('\n')[0] ?? '')[0];
  });
}

const MAX_FIRST_RECORD_BYTES = 4096;

/** The records so far; a torn one, which only the last can be, is left out. */
function readJournal(file: string): string[] | undefined {
  return ifFileExists(() => readFileSync(file, 'utf8').split('\n').flatMap(parseRecord));
}

function ifFileExists<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function withChecksum(record: string): string {
  return `${checksum(record)} ${record}\n`;
}

function parseRecord(line: string): string[] {
  const record = line.slice(9);
  return line.slice(0, 9) === `${checksum(record)} ` ? [record] : [];
}

function checksum(record: string): string {
  return crc32(record).toString(16).padStart(8, '0');
}
