import { readEntry } from './mail-log-entry.js';
import { linesOf, listRotated, openLogFile, type LogFile } from './mail-log-files.js';
import { latestReading, readStamp, type Stamp } from './mail-log-time.js';
import { traceMessages, type Trace } from './mail-log-trace.js';

/** What a mail server's log says of some messages. */
export type MailLogAnswer = {
  kind: 'read';
  /** By message id, as it was asked: the server's name for the message it took. */
  taken: ReadonlyMap<string, string>;
  /** The server has seen these; whether it took them is not in the log, or not yet. */
  unclear: ReadonlySet<string>;
  /**
   * The log holds all that was written between these; undefined: nothing follows from what is not in it. A message in
   * neither list that was sent well within was not taken.
   */
  from: Date | undefined;
  until: Date | undefined;
};

/** A sentence for an operator. Nothing follows from it for any message. */
export type UnreadableLog = { kind: 'unreadable'; reason: string };

/**
 * Asks a log of Postfix (syslog's or its own) or Exim (its main log) which messages the server took. Reads the file and
 * what it was called before it was rotated, as far back as `since`, oldest first, with constant memory. Nothing of it but
 * queue ids is kept or answered.
 */
export async function searchMailLog(
  file: string,
  messageIds: Iterable<string>,
  since: Date,
): Promise<MailLogAnswer | UnreadableLog> {
  const opened: LogFile[] = [];
  try {
    await openBackTo(file, since, opened);
    const trace = traceMessages(messageIds);
    const spans: Span[] = [];
    for (const log of opened.toReversed()) spans.push(await readThrough(log, trace));
    return { kind: 'read', taken: trace.taken, unclear: trace.unclear(), ...coverageOf(spans.reverse()) };
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return { kind: 'unreadable', reason: whyUnreadable(file, error) };
  } finally {
    await Promise.all(opened.map(({ handle }) => handle.close()));
  }
}

/** Opens the newest first: what is rotated in between turns up a second time, and is left out then. */
async function openBackTo(file: string, since: Date, opened: LogFile[]): Promise<void> {
  const newest = await openLogFile(file);
  opened.push(newest);
  if (await reachesBackTo(newest, since)) return;
  for (const path of await listRotated(file)) {
    const older = await openLogFile(path).catch(() => undefined);
    if (older === undefined) return;
    if (opened.some(({ inode }) => inode === older.inode)) {
      await older.handle.close();
      continue;
    }
    opened.push(older);
    if (await reachesBackTo(older, since)) return;
  }
}

async function reachesBackTo(log: LogFile, since: Date): Promise<boolean> {
  try {
    for await (const lines of linesOf(log)) {
      for (const line of lines) {
        const stamp = readStamp(line, log.modifiedAt);
        if (stamp !== undefined) return latestReading(stamp) <= since;
      }
    }
  } catch {
    // Read through in a moment, where it is known what to make of it.
  }
  return false;
}

/** From when to when a file goes; `isSure`: nothing of it is missing, and its times can be believed. */
type Span = { first: Stamp | undefined; last: Stamp | undefined; isSure: boolean };

async function readThrough(log: LogFile, trace: Trace): Promise<Span> {
  const span: Span = { first: undefined, last: undefined, isSure: true };
  try {
    for await (const lines of linesOf(log)) {
      for (const line of lines) {
        const entry = readEntry(line);
        if (entry !== undefined) trace.hear(entry);
        span.first ??= readStamp(line, log.modifiedAt);
      }
      span.last = lastStamp(lines, log.modifiedAt) ?? span.last;
    }
    return { ...span, isSure: isBelievable(span.last, log.modifiedAt) };
  } catch (error) {
    if (!isSystemError(error)) throw error;
    // Damaged, or still being packed: what was found in it counts, what was not found does not.
    return { ...span, isSure: false };
  }
}

function lastStamp(lines: readonly string[], writtenBy: Date): Stamp | undefined {
  for (let at = lines.length - 1; at >= 0; at -= 1) {
    const stamp = readStamp(lines[at] ?? '', writtenBy);
    if (stamp !== undefined) return stamp;
  }
  return undefined;
}

const LATEST_WRITE_MS = 120_000;

/**
 * A time without a zone is ours only if the server's clock is set like ours: then the last entry is as old as the file's
 * last change. In another zone, or in a copy, it is not.
 */
function isBelievable(last: Stamp | undefined, modifiedAt: Date): boolean {
  if (last === undefined || !last.isLocal) return true;
  return Math.abs(modifiedAt.getTime() - last.at.getTime()) <= LATEST_WRITE_MS;
}

/** Newest first. A file that cannot be believed ends what is covered; an empty one, rotated a moment ago, does not. */
function coverageOf(spans: readonly Span[]): { from: Date | undefined; until: Date | undefined } {
  let from: Date | undefined;
  let until: Date | undefined;
  for (const { first, last, isSure } of spans) {
    if (!isSure) break;
    until ??= last?.at;
    from = first === undefined ? from : latestReading(first);
  }
  return { from, until };
}

type SystemError = { errno: number; code: string };

/** The disk's or the unpacking's; anything else is a bug of ours. */
function isSystemError(error: unknown): error is SystemError {
  return typeof error === 'object' && error !== null && 'errno' in error && 'code' in error;
}

function whyUnreadable(file: string, { code }: SystemError): string {
  const reason =
    {
      ENOENT: 'it is not there',
      EACCES: 'this process may not read it (the group adm often may)',
      EISDIR: 'it is a folder',
    }[code] ?? code;
  return `The mail log ${file} cannot be read: ${reason}. Nothing was decided.`;
}
