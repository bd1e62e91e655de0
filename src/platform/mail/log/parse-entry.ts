/**
 * What a line of a mail server's log says about a message. `queueId` is the server's id of the message; `connection` is the pid
 * of the process that serves the client and receives one message at a time.
 */
export type LogEntry =
  | { kind: 'started'; queueId: string; connection: string }
  /** `receiver` is the pid of the process that stores the message, and stores one at a time. */
  | { kind: 'named'; queueId: string; messageId: string; receiver: string }
  | { kind: 'refused'; queueId: string }
  /** By a rule of the server's the message, if it is taken, is held back or thrown away: it never becomes active. */
  | { kind: 'held'; queueId: string }
  | { kind: 'aborted'; connection: string }
  | { kind: 'disconnected'; connection: string }
  | { kind: 'queued'; queueId: string }
  /** A process was killed, which served a client or stored a message. */
  | { kind: 'killed'; pid: string }
  | { kind: 'server-started' }
  | { kind: 'server-stopped' }
  /** Whoever writes the log says that it dropped lines. */
  | { kind: 'lines-lost' }
  /** Exim logs Message-ID and acceptance in one line. */
  | { kind: 'accepted'; queueId: string; messageId: string };

const LOCAL_TIME = String.raw`[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d`;
const ISO_TIME = String.raw`\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?: ?(?:Z|[+-]\d\d:?\d\d))?`;

/**
 * A line of Postfix, by syslog or by postlogd(8). The last part of the tag is the daemon, behind the name of the
 * instance.
 */
const POSTFIX = new RegExp(
  `^(?:${LOCAL_TIME}|${ISO_TIME}) \\S+ (?:[^\\s/[]+/)*(smtpd|cleanup|[on]?qmgr|master)\\[(\\d+)\\]: (.*)$`,
);
/** A line of Exim's main log, with its old or (from 4.97) its long message ids; by syslog there is a tag in front. */
const EXIM = new RegExp(
  `^(?:(?:${LOCAL_TIME}|${ISO_TIME}) \\S+ exim[^\\s[]*\\[\\d+\\]: )?(?:${ISO_TIME} )?(?:\\[\\d+\\] )?` +
    `(\\w{6}-(?:\\w{6}-\\w\\w|\\w{11}-\\w{4})) <= .*? id=([^\\s<>]+)(?: |$)`,
);
/** Postfix's short queue ids are hexadecimal, its long ones have most letters and digits. NOQUEUE is no queue id. */
const QUEUE_ID_LINE = /^(?!NOQUEUE)([0-9A-Za-z]{5,30}): (.*)$/;

/** Parses a line. Undefined when it does not tell what became of a message, or is no log line. */
export function parseEntry(line: string): LogEntry | undefined {
  if (line.includes(' <= ')) return parseEximLine(line);
  const [, daemon, pid, text] = POSTFIX.exec(line) ?? [];
  if (daemon === undefined || pid === undefined || text === undefined)
    return LINES_LOST.test(line) ? { kind: 'lines-lost' } : undefined;
  if (daemon === 'master') return parseMasterLine(text);
  const [, queueId, rest] = QUEUE_ID_LINE.exec(text) ?? [];
  if (queueId !== undefined && HELD.test(rest ?? '')) return { kind: 'held', queueId };
  if (daemon === 'cleanup') return parseCleanupLine(text, pid, queueId, rest);
  if (daemon === 'smtpd') return parseSmtpdLine(text, pid, queueId, rest);
  if (queueId === undefined || rest === undefined || !QUEUE_ACTIVE.test(rest)) return undefined;
  return { kind: 'queued', queueId };
}

const QUEUE_ACTIVE = /^from=<.*>, size=\d+, nrcpt=\d+ \(queue active\)$/;
const MESSAGE_ID = /^message-id=<([^\s<>]+)>$/;
const OTHER_MESSAGE_ID = /^message-id=/;
const REFUSED = /^(?:milter-)?reject: /;
/** header_checks(5), access(5), milters: the client is answered as if the message were taken like others. */
const HELD = /^(?:milter-)?(?:hold|discard): /;
/** The second is logged where the disk is full. */
const NOT_STORED = /^warning: ([0-9A-Za-z]{5,30}): (?:queue file size limit exceeded|write queue file: )/;
/** systemd-journald's RateLimitBurst=, and rsyslog's imuxsock and imjournal. */
const LINES_LOST = new RegExp(
  `^(?:${LOCAL_TIME}|${ISO_TIME}) \\S+ (?:systemd-journald(?:\\[\\d+\\])?: Suppressed \\d+ messages|` +
    'rsyslogd(?:\\[\\d+\\])?: .*(?:lost \\d+ messages|begin to drop messages|messages lost due to rate-limiting))',
);
const ABORTED =
  /^(?:lost connection|timeout|too many errors) after (?:DATA|BDAT)(?: content)? \(\d+ bytes\) from /;

function parseEximLine(line: string): LogEntry | undefined {
  const [, queueId, messageId] = EXIM.exec(line) ?? [];
  if (queueId === undefined || messageId === undefined) return undefined;
  return { kind: 'accepted', queueId, messageId };
}

/** master(8) starts the others, and says which were killed. */
function parseMasterLine(text: string): LogEntry | undefined {
  const killed = /^warning: process \S+ pid (\d+) (?:killed by signal|exit status) \d+$/.exec(text)?.[1];
  if (killed !== undefined) return { kind: 'killed', pid: killed };
  if (text.startsWith('daemon started ')) return { kind: 'server-started' };
  return text.startsWith('terminating on signal ') ? { kind: 'server-stopped' } : undefined;
}

/** cleanup(8) logs the Message-ID while the header comes in, before the message is accepted. */
function parseCleanupLine(text: string, receiver: string, queueId = '', rest = ''): LogEntry | undefined {
  const notStored = NOT_STORED.exec(text)?.[1];
  if (notStored !== undefined) return { kind: 'refused', queueId: notStored };
  if (OTHER_MESSAGE_ID.test(rest))
    return { kind: 'named', queueId, messageId: MESSAGE_ID.exec(rest)?.[1] ?? '', receiver };
  return REFUSED.test(rest) ? { kind: 'refused', queueId } : undefined;
}

/** Of the refusals of smtpd(8) only those after the data count: others are about a recipient. */
function parseSmtpdLine(text: string, pid: string, queueId = '', rest = ''): LogEntry | undefined {
  if (rest.startsWith('client=')) return { kind: 'started', queueId, connection: pid };
  if (/^(?:milter-)?reject: END-OF-/.test(rest)) return { kind: 'refused', queueId };
  if (ABORTED.test(text)) return { kind: 'aborted', connection: pid };
  // `NOQUEUE: client=` begins a message that a before-queue filter gets first, so the process's last queue id is not this
  // message's.
  if (text.startsWith('disconnect from ') || text.startsWith('NOQUEUE: client='))
    return { kind: 'disconnected', connection: pid };
  return undefined;
}
