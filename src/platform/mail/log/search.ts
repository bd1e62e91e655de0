import { parseEntry } from './parse-entry.js';
import { readLines, listRotatedFiles, openLogFile, type LogFile } from './log-files.js';
import { latestPossibleTime, parseTimestamp, type Timestamp } from './timestamp.js';
import { traceMessages, type MessageTrace } from './message-trace.js';

/** What a mail server's log says of some messages. */
export type MailLogResult = {
  kind: 'read';
  /** By message id, as it was asked: the server's name for the message it took. */
  accepted: ReadonlyMap<string, string>;
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
): Promise<MailLogResult | UnreadableLog> {
  const opened: LogFile[] = [];
  try {
    await openFilesBackTo(file, since, opened);
    const trace = traceMessages(messageIds);
    const spans: LogSpan[] = [];
    for (const log of opened.toReversed()) spans.push(await readLogFile(log, trace));
    return {
      kind: 'read',
      accepted: trace.accepted,
      unclear: trace.unclear(),
      ...coverageOf(spans.reverse()),
    };
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return { kind: 'unreadable', reason: unreadableReason(file, error) };
  } finally {
    await Promise.all(opened.map(({ handle }) => handle.close()));
  }
}

/** Opens the newest first: what is rotated in between turns up a second time, and is left out then. */
async function openFilesBackTo(file: string, since: Date, opened: LogFile[]): Promise<void> {
  const newest = await openLogFile(file);
  opened.push(newest);
  if (await reachesBackTo(newest, since)) return;
  for (const path of await listRotatedFiles(file)) {
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
    for await (const lines of readLines(log)) {
      for (const line of lines) {
        const stamp = parseTimestamp(line, log.modifiedAt);
        if (stamp !== undefined) return latestPossibleTime(stamp) <= since;
      }
    }
  } catch {
    // Read through in a moment, where it is known what to make of it.
  }
  return false;
}

/** From when to when a file goes; `isSure`: nothing of it is missing, and its times can be believed. */
type LogSpan = { first: Timestamp | undefined; last: Timestamp | undefined; isReliable: boolean };

async function readLogFile(log: LogFile, trace: MessageTrace): Promise<LogSpan> {
  const span: LogSpan = { first: undefined, last: undefined, isReliable: true };
  try {
    for await (const lines of readLines(log)) {
      for (const line of lines) {
        const entry = parseEntry(line);
        if (entry !== undefined) trace.addEntry(entry);
        span.first ??= parseTimestamp(line, log.modifiedAt);
      }
      span.last = lastTimestamp(lines, log.modifiedAt) ?? span.last;
    }
    return { ...span, isReliable: isClockPlausible(span.last, log.modifiedAt) };
  } catch (error) {
    if (!isSystemError(error)) throw error;
    // Damaged, or still being packed: what was found in it counts, what was not found does not.
    return { ...span, isReliable: false };
  }
}

function lastTimestamp(lines: readonly string[], writtenBy: Date): Timestamp | undefined {
  for (let at = lines.length - 1; at >= 0; at -= 1) {
    const stamp = parseTimestamp(lines[at] ?? '', writtenBy);
    if (stamp !== undefined) return stamp;
  }
  return undefined;
}

const MAX_WRITE_DELAY_MS = 120_000;

/**
 * A time without a zone is ours only if the server's clock is set like ours: then the last entry is as old as the file's
 * last change. In another zone, or in a copy, it is not.
 */
function isClockPlausible(last: Timestamp | undefined, modifiedAt: Date): boolean {
  if (last === undefined || !last.isLocal) return true;
  return Math.abs(modifiedAt.getTime() - last.at.getTime()) <= MAX_WRITE_DELAY_MS;
}

/** Newest first. A file that cannot be believed ends what is covered; an empty one, rotated a moment ago, does not. */
function coverageOf(spans: readonly LogSpan[]): { from: Date | undefined; until: Date | undefined } {
  let from: Date | undefined;
  let until: Date | undefined;
  for (const { first, last, isReliable } of spans) {
    if (!isReliable) break;
    until ??= last?.at;
    from = first === undefined ? from : latestPossibleTime(first);
  }
  return { from, until };
}

type SystemError = { errno: number; code: string };

/** The disk's or the unpacking's; anything else is a bug of ours. */
function isSystemError(error: unknown): error is SystemError {
  return typeof error === 'object' && error !== null && 'errno' in error && 'code' in error;
}

function unreadableReason(file: string, { code }: SystemError): string {
  const reason =
    {
      ENOENT: 'it is not there',
      EACCES: 'this process may not read it (the group adm often may)',
      EISDIR: 'it is a folder',
    }[code] ?? code;
  return `The mail log ${file} cannot be read: ${reason}. Nothing was decided.`;
}
