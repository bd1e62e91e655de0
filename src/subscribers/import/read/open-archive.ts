import { Readable } from 'node:stream';
import { fromRandomAccessReaderPromise, RandomAccessReader, type Entry, type ZipFile } from 'yauzl';

/** A file of which any part can be read: a ZIP archive has its list at its end. */
export type ArchiveSource = {
  /** In bytes. */
  size: number;
  /** @param end the byte behind the last */
  read(start: number, end: number): AsyncIterable<Uint8Array>;
};

export type ArchiveMistake =
  | 'not-an-archive'
  | 'spreadsheet'
  | 'too-many-entries'
  | 'climbing-path'
  | 'encrypted'
  | 'too-large'
  | 'no-tables';

/** A file within an archive that may be a table, by its path there; nothing is ever written to a path of an archive. */
export type ArchiveEntry = { path: string; size: number; open(): Promise<AsyncIterable<Uint8Array>> };

/** Substack's export has three files for each post. */
const MAX_ENTRIES = 20_000;
const MAX_TABLES = 1000;
/** Of all tables of an archive together, unpacked, in bytes. */
const MAX_UNPACKED_BYTES = 4 * 1024 ** 3;
/** Text becomes 3 to 30 times smaller, and hardly any more than 100 times; deflate can do 1032 times. */
const MAX_RATIO = 200;
/** Below this size, in bytes, what is unpacked does no harm. */
const HARMLESS_BYTES = 16 * 1024 ** 2;

const TABLE = /\.(?:csv|tsv|tab|txt|json|jsonl|ndjson)$/i;
/** What macOS adds; hidden files; what Substack says of each post's mails. */
const NO_TABLE = /(?:^|\/)(?:__MACOSX\/|\.)|\.(?:opens|delivers)\.csv$/i;

/**
 * The files of a ZIP archive that may be tables, by its list, which is all that is read of it. What they claim to be unpacked is
 * held to while they are read: one that is larger fails.
 * @throws what the source throws
 */
export async function openArchive(
  source: ArchiveSource,
): Promise<{ kind: 'archive'; entries: ArchiveEntry[] } | { kind: 'mistake'; mistake: ArchiveMistake }> {
  const reader = new ArchiveReader(source);
  try {
    const zip = await fromRandomAccessReaderPromise(reader, source.size, {
      lazyEntries: true,
      autoClose: false,
      validateEntrySizes: true,
    });
    if (zip.entryCount > MAX_ENTRIES) return { kind: 'mistake', mistake: 'too-many-entries' };
    const entries = await listEntries(zip);
    const mistake = archiveMistake(entries);
    if (mistake !== undefined) return { kind: 'mistake', mistake };
    return { kind: 'archive', entries: entries.filter(isTable).map((entry) => toEntry(zip, entry)) };
  } catch (error) {
    if (reader.failure !== undefined) throw reader.failure;
    return { kind: 'mistake', mistake: mistakeOf(error) };
  }
}

async function listEntries(zip: ZipFile): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const entry of zip.eachEntry()) entries.push(entry);
  return entries;
}

function archiveMistake(entries: readonly Entry[]): ArchiveMistake | undefined {
  if (entries.some(({ fileName }) => fileName === '[Content_Types].xml')) return 'spreadsheet';
  const tables = entries.filter(isTable);
  if (tables.length === 0) return 'no-tables';
  if (tables.length > MAX_TABLES) return 'too-many-entries';
  if (tables.some((entry) => entry.isEncrypted())) return 'encrypted';
  const unpacked = tables.reduce((sum, { uncompressedSize }) => sum + uncompressedSize, 0);
  return unpacked > MAX_UNPACKED_BYTES || tables.some(isBomb) ? 'too-large' : undefined;
}

function isTable({ fileName }: Entry): boolean {
  return TABLE.test(fileName) && !NO_TABLE.test(fileName);
}

function isBomb({ uncompressedSize, compressedSize }: Entry): boolean {
  return uncompressedSize > HARMLESS_BYTES && uncompressedSize > compressedSize * MAX_RATIO;
}

function toEntry(zip: ZipFile, entry: Entry): ArchiveEntry {
  return {
    path: entry.fileName,
    size: entry.uncompressedSize,
    open: () => zip.openReadStreamPromise(entry),
  };
}

/** yauzl has sentences only; of a path that leads out of its folder it refuses the archive. */
function mistakeOf(error: unknown): ArchiveMistake {
  const { message } = error as Error;
  return /relative path|absolute path|invalid characters in fileName/.test(message)
    ? 'climbing-path'
    : 'not-an-archive';
}

/** The list of an archive is read in small steps; so much is held of it, in bytes. */
const BLOCK_BYTES = 262_144;

class ArchiveReader extends RandomAccessReader {
  /** What the source threw, which is no fault of the archive's. */
  failure: unknown;
  private block: { from: number; bytes: Buffer } = { from: 0, bytes: Buffer.of() };

  constructor(private readonly source: ArchiveSource) {
    super();
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(this.watch(this.source.read(start, end)), { objectMode: false });
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    this.bytesAt(position, length).then(
      (bytes) => {
        bytes.copy(buffer, offset);
        callback(bytes.length === length ? null : new Error('unexpected EOF'));
      },
      (error: unknown) => callback(error as Error),
    );
  }

  private async bytesAt(position: number, length: number): Promise<Buffer> {
    const { from, bytes } = this.block;
    if (position < from || position + length > from + bytes.length) await this.load(position, length);
    const at = position - this.block.from;
    return this.block.bytes.subarray(at, at + length);
  }

  private async load(position: number, length: number): Promise<void> {
    const end = Math.min(this.source.size, position + Math.max(length, BLOCK_BYTES));
    const pieces: Uint8Array[] = [];
    for await (const piece of this.watch(this.source.read(position, end)))
      pieces.push(Uint8Array.from(piece));
    this.block = { from: position, bytes: Buffer.concat(pieces) };
  }

  private async *watch(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      yield* source;
    } catch (error) {
      this.failure = error;
      throw error;
    }
  }
}
