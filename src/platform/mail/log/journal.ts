import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { SECOND_MS } from '../../durations.js';

/** What `mailLog=` names instead of a file: the system's journal, or, behind a colon, a folder of journals. */
const JOURNAL = /^journal(?::(\/.*))?$/;

/** Undefined: it is a file. `directory` undefined: this system's journal. */
export function parseJournalName(name: string): { directory: string | undefined } | undefined {
  const match = JOURNAL.exec(name);
  return match === null ? undefined : { directory: match[1] };
}

/** systemd's SD_MESSAGE_JOURNAL_DROPPED (sd-messages.h): it took more than RateLimitBurst= in RateLimitIntervalSec=. */
const MESSAGES_DROPPED = 'a596d6fe7bfa4994828e72309e95d61e';
/** syslog's number for `mail` (RFC 5424 section 6.2.1). */
const MAIL_FACILITY = 2;
/** Nothing comes for so long: journalctl hangs. */
const SILENCE_MS = 60 * SECOND_MS;

/**
 * The lines of the journal from `since` on, as syslog would have written them, some thousands at a time: those of mail servers,
 * and those that say that lines were dropped. When the journal begins before `since`, the first line says so.
 * @throws JournalError when there is no journalctl, it fails, or no journal may be read
 */
export async function* readJournal(directory: string | undefined, since: Date): AsyncGenerator<string[]> {
  const oldest = await readOldest(directory);
  if (oldest === undefined) throw new JournalError('it has no entry that this process may read');
  if (oldest <= since) yield [`${since.toISOString()} - journal: it begins before this`];
  const from = `--since=@${Math.floor(since.getTime() / 1000)}`;
  const matches = [`SYSLOG_FACILITY=${MAIL_FACILITY}`, '+', `MESSAGE_ID=${MESSAGES_DROPPED}`];
  let lines: string[] = [];
  for await (const entry of runJournalctl(directory, [from, ...matches])) {
    const line = formatJournalEntry(entry);
    if (line !== undefined) lines.push(line);
    if (lines.length < 1_000) continue;
    yield lines;
    lines = [];
  }
  yield lines;
}

async function readOldest(directory: string | undefined): Promise<Date | undefined> {
  for await (const entry of runJournalctl(directory, [])) return timeOf(entry);
  return undefined;
}

/** Ends journalctl when the caller wants no more. */
async function* runJournalctl(directory: string | undefined, words: string[]): AsyncGenerator<JournalEntry> {
  const where = directory === undefined ? '--system' : `--directory=${directory}`;
  const child = spawn('journalctl', [where, '--quiet', '--no-pager', '--output=json', '--all', ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = endOf(child);
  let timer = setTimeout(() => child.kill('SIGKILL'), SILENCE_MS);
  let isWhole = false;
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      timer.refresh();
      const entry = parseJournalEntry(line);
      if (entry !== undefined) yield entry;
    }
    isWhole = true;
  } finally {
    clearTimeout(timer);
    if (!isWhole) child.kill('SIGKILL');
  }
  const fault = await ended;
  if (fault !== undefined) throw fault;
}

/** What went wrong, when it has ended; undefined: nothing. */
async function endOf(child: ChildProcess): Promise<Error | undefined> {
  let words = '';
  child.stderr?.on('data', (bytes: Buffer) => (words = `${words}${bytes.toString()}`.slice(0, 500)));
  try {
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
    return code === 0
      ? undefined
      : new JournalError(words.trim() || `journalctl ended with ${code ?? signal}`);
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return new JournalError(isMissing ? 'there is no journalctl on this machine' : String(error));
  }
}

/** Its message is a reason for an operator. */
export class JournalError extends Error {}

/**
 * An entry of `journalctl --output=json`: values are strings; those that are no text are lists of bytes, those given twice are
 * lists (https://systemd.io/JOURNAL_EXPORT_FORMATS).
 */
export type JournalEntry = { readonly [field: string]: unknown };

export function parseJournalEntry(line: string): JournalEntry | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as JournalEntry)
      : undefined;
  } catch {
    return undefined;
  }
}

/** As syslog would have written it, with the time in UTC. Undefined without what that takes. */
export function formatJournalEntry(entry: JournalEntry): string | undefined {
  const at = timeOf(entry);
  const [tag, message] = [textOf(entry['SYSLOG_IDENTIFIER']), textOf(entry['MESSAGE'])];
  if (at === undefined || tag === undefined || message === undefined) return undefined;
  const pid = textOf(entry['SYSLOG_PID']) ?? textOf(entry['_PID']);
  const head = `${at.toISOString()} ${textOf(entry['_HOSTNAME']) ?? '-'} ${tag}`;
  // One entry, one line, whatever is in it.
  return `${head}${pid === undefined ? '' : `[${pid}]`}: ${message.replaceAll(/[\r\n]/g, ' ')}`;
}

/** Microseconds since 1970; the one of its source is there where it came by syslog. */
function timeOf(entry: JournalEntry): Date | undefined {
  const microseconds = Number(textOf(entry['__REALTIME_TIMESTAMP']) ?? Number.NaN);
  return Number.isFinite(microseconds) ? new Date(microseconds / 1000) : undefined;
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return undefined;
  const isBytes = value.every((each) => typeof each === 'number');
  return isBytes ? Buffer.from(value as number[]).toString('latin1') : textOf(value[0]);
}
