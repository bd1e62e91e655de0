import { parseEntry, type LogEntry } from './parse-entry.js';
import { readLines, listRotatedFiles, openLogFile, type LogFile } from './log-files.js';
import { latestPossibleTime, parseTimestamp, type Timestamp } from './timestamp.js';
import { traceMessages, type MessageTrace, type UnclearReason } from './message-trace.js';
import { JournalError, parseJournalName, readJournal } from './journal.js';

/** What a mail server's log says about the messages that were asked for. */
export type MailLogResult = {
  kind: 'read';
  /** The server's queue id of each accepted message, by message id as it was asked for. */
  accepted: ReadonlyMap<string, string>;
  /** The messages that the server has seen, and whether it accepted them is not in the log, or not yet. */
  unclear: ReadonlyMap<string, UnclearReason>;
  /**
   * The log is complete between these times. So a message in neither list that was sent between them, and not close to either,
   * was not accepted. Undefined: nothing follows from a message's absence.
   */
  from: Date | undefined;
  until: Date | undefined;
  /** It is complete only from then on because lines were lost before. */
  hasLostLines: boolean;
};

/** `reason` is a sentence for an operator. Nothing is known about any message. */
export type UnreadableLog = { kind: 'unreadable'; reason: string };

/**
 * Finds out from a log of Postfix (by syslog or postlogd) or Exim (its main log) which messages the server accepted. It reads
 * the file and its rotated files back to `since`, the oldest first, with constant memory, and returns only queue ids of them.
 * @param name the newest file, or `journal` (see `journal.ts`)
 */
export async function searchMailLog(
  name: string,
  messageIds: Iterable<string>,
  since: Date,
): Promise<MailLogResult | UnreadableLog> {
  const trace = traceMessages(messageIds);
  try {
    const journal = parseJournalName(name);
    const spans =
      journal === undefined
        ? await readFiles(name, since, trace)
        : [await readEntries(readJournal(journal.directory, since), new Date(), trace)];
    const coverage = coverageOf(spans);
    const { accepted } = trace;
    return { kind: 'read', accepted, unclear: trace.unclear(coverage.until), ...coverage };
  } catch (error) {
    if (!isSystemError(error) && !(error instanceof JournalError)) throw error;
    return { kind: 'unreadable', reason: unreadableReason(name, error) };
  }
}

/** The newest first. */
async function readFiles(file: string, since: Date, trace: MessageTrace): Promise<LogSpan[]> {
  const opened: LogFile[] = [];
  try {
    await openFilesBackTo(file, since, opened);
    const spans: LogSpan[] = [];
    for (const log of opened.toReversed()) spans.unshift(await readLogFile(log, trace));
    return spans;
  } finally {
    await Promise.all(opened.map(({ handle }) => handle.close()));
  }
}

/** Opens the newest file first: one that is rotated meanwhile is found a second time, and is then left out. */
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
    // The file is read again later, where its errors are handled.
  }
  return false;
}

/**
 * The times of a file's first and last lines. `isReliable`: it is complete, and its times are right. `lostUntil`: lines of
 * before then are lost.
 */
type LogSpan = {
  first: Timestamp | undefined;
  last: Timestamp | undefined;
  lostUntil: Date | undefined;
  isReliable: boolean;
};

async function readLogFile(log: LogFile, trace: MessageTrace): Promise<LogSpan> {
  const span = await readEntries(readLines(log), log.modifiedAt, trace);
  return { ...span, isReliable: span.isReliable && isClockPlausible(span.last, log.modifiedAt) };
}

/** @param writtenBy when the log was last changed */
async function readEntries(
  pages: AsyncIterable<string[]>,
  writtenBy: Date,
  trace: MessageTrace,
): Promise<LogSpan> {
  const span: LogSpan = { first: undefined, last: undefined, lostUntil: undefined, isReliable: true };
  let wasStopped = false;
  try {
    for await (const lines of pages) {
      for (const line of lines) {
        span.first ??= parseTimestamp(line, writtenBy);
        const entry = parseEntry(line);
        if (entry === undefined) continue;
        trace.addEntry(entry, entry.kind === 'server-started' ? timeOf(line, writtenBy) : undefined);
        if (entry.kind === 'server-stopped') wasStopped = true;
        if (losesLines(entry, line, wasStopped)) span.lostUntil = timeOf(line, writtenBy);
        if (entry.kind === 'server-started') wasStopped = false;
      }
      span.last = lastTimestamp(lines, writtenBy) ?? span.last;
    }
    return span;
  } catch (error) {
    if (!isSystemError(error)) throw error;
    // Damaged, or still being compressed: what was found in it is true, but it may lack lines.
    return { ...span, isReliable: false };
  }
}

/**
 * Whether lines of before an entry are lost. Postfix's own log writer, postlogd(8), ends with master(8): what the others log
 * until that is started again is gone. It writes times without a zone, as newer syslog daemons do not.
 */
function losesLines(entry: LogEntry, line: string, wasStopped: boolean): boolean {
  if (entry.kind === 'lines-lost') return true;
  return entry.kind === 'server-started' && !wasStopped && parseTimestamp(line, new Date())?.isLocal === true;
}

function timeOf(line: string, writtenBy: Date): Date | undefined {
  const stamp = parseTimestamp(line, writtenBy);
  return stamp && latestPossibleTime(stamp);
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
 * Whether times without a zone are in our zone: then the last entry is as old as the file's last change. It is not in a log
 * of another zone, nor in a copy of a file.
 */
function isClockPlausible(last: Timestamp | undefined, modifiedAt: Date): boolean {
  if (last === undefined || !last.isLocal) return true;
  return Math.abs(modifiedAt.getTime() - last.at.getTime()) <= MAX_WRITE_DELAY_MS;
}

/** @param spans the newest first: an unreliable file ends what is covered; an empty one, just after rotation, does not */
function coverageOf(spans: readonly LogSpan[]): Pick<MailLogResult, 'from' | 'until' | 'hasLostLines'> {
  let from: Date | undefined;
  let until: Date | undefined;
  for (const { first, last, lostUntil, isReliable } of spans) {
    if (!isReliable) break;
    until ??= last?.at;
    if (lostUntil !== undefined) return { from: lostUntil, until, hasLostLines: true };
    from = first === undefined ? from : latestPossibleTime(first);
  }
  return { from, until, hasLostLines: false };
}

type SystemError = { errno: number; code: string };

/** Whether this is an error of the file system or of decompression, and not a bug of ours. */
function isSystemError(error: unknown): error is SystemError {
  return typeof error === 'object' && error !== null && 'errno' in error && 'code' in error;
}

function unreadableReason(name: string, error: SystemError | JournalError): string {
  const reason = error instanceof JournalError ? journalReason(error) : fileReason(error);
  return `The mail log ${name} cannot be read: ${reason}. Nothing was decided.`;
}

function fileReason({ code }: SystemError): string {
  return (
    {
      ENOENT: 'it is not there',
      EACCES: 'this process may not read it (the group adm often may)',
      EISDIR: 'it is a folder',
    }[code] ?? code
  );
}

function journalReason({ message }: JournalError): string {
  return `${message} (the groups systemd-journal and adm may read the system's)`;
}
