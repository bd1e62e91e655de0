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
import { createFileOnce } from './write-file.js';

/**
 * A file of small records that outlives the process that writes it. Each record is one write without fsync: it survives kill -9
 * once `append` has returned, but perhaps not a power cut.
 */
export type Journal = {
  /** @param record one line of text */
  append(record: string): void;
  /**
   * Appends before the next `append` to any journal of this process, or after 20 ms. For a record that may be lost with the
   * process, provided that no later record is in the file then.
   */
  appendDeferred(record: string): void;
  /**
   * Whether nobody has sealed it. True after an append proves that a process that seals the journal later reads that record:
   * sealing writes before it reads, and this reads after the append. False also when the file was deleted.
   */
  isUnsealed(): boolean;
  /** Deletes the file: everything in it is stored elsewhere. */
  remove(): void;
  /** Closes the file, and leaves it to be sealed. */
  close(): void;
};

const SEAL_RECORD = 'sealed';

/**
 * Begins a journal in a file that must not be there yet.
 * @param head its first record, without which it means nothing: the file is never there without it, also after a power cut
 */
export function openJournal(file: string, head: string): Journal {
  mkdirSync(dirname(file), { recursive: true });
  const first = withChecksum(head);
  if (!createFileOnce(file, first)) throw new Error(`There is a journal ${file} already.`);
  const fd = openSync(file, 'a');
  let size = Buffer.byteLength(first);
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
  /** On a full disk deferred records may be lost, and the next `append` throws. */
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

/** Write the deferred records of all journals of this process, which an `append` to any of them does first. */
const pendingFlushes = new Set<() => void>();

/** Seals a journal, whether its owner has ended or is only slow, and returns its records. Undefined without such a file. */
export function sealJournal(file: string): string[] | undefined {
  if (!existsSync(file)) return undefined;
  const fd = openSync(file, 'a');
  // The line break ends a record that the owner may have left incomplete.
  writeSync(fd, `\n${withChecksum(SEAL_RECORD)}`);
  closeSync(fd);
  return readJournal(file)?.filter((record) => record !== SEAL_RECORD);
}

/** The first record. Undefined when none was written, and without such a file. */
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

/** The records so far, without an incomplete one at the end. */
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
