import { searchMailLog, type MailLogResult, type UnreadableLog } from '../../platform/mail/log/search.js';
import { MINUTE_MS } from '../../platform/durations.js';
import { queuedResult, type AttemptResult } from '../attempt-result.js';
import { UNCERTAIN_WAIT_MS } from '../delivery.js';

/** An uncertain mail: its attempt began after `attemptedAfter`, and it is uncertain since `updatedAt`. */
export type UncertainMail = { messageId: string; attemptedAfter: Date; updatedAt: Date };

/** A mail that a server is known to have taken, and when it said so. */
export type KnownAccepted = { messageId: string; acceptedAt: Date };

export type LogFinding =
  | { kind: 'taken'; queueId: string }
  | { kind: 'not-taken' }
  /** The server has seen it, and has not said more. */
  | { kind: 'unclear' }
  /** It is not in the log, and the log proves nothing by that. */
  | { kind: 'uncovered' };

/** `from` and `until`: what all of the logs cover. */
export type LogFindings<Mail extends UncertainMail> = {
  kind: 'read';
  findings: Map<Mail, LogFinding>;
  from: Date | undefined;
  until: Date | undefined;
};

/** Clocks differ, and a line can be late. */
const CLOCK_SKEW_MS = 15 * MINUTE_MS;

/**
 * Looks up in mail logs whether these mails were taken. A mail that is not in them counts as not taken only if the logs begin
 * before its attempt could, go on for as long as the server may still have worked on it, and have every mail of that time
 * that is known to be accepted. Silence of another server's log, or of one with holes (syslog drops lines when there are too
 * many), proves nothing.
 */
export async function checkMailLogs<Mail extends UncertainMail>(
  files: readonly string[],
  uncertain: readonly Mail[],
  knownAccepted: readonly KnownAccepted[],
): Promise<LogFindings<Mail> | UnreadableLog> {
  const messageIds = [...uncertain, ...knownAccepted].map(({ messageId }) => messageId);
  const since = new Date(
    Math.min(...uncertain.map(({ attemptedAfter }) => attemptedAfter.getTime())) - CLOCK_SKEW_MS,
  );
  const results: MailLogResult[] = [];
  for (const file of files) {
    const result = await searchMailLog(file, messageIds, since);
    if (result.kind === 'unreadable') return result;
    results.push(result);
  }
  const log = mergeLogs(results);
  const isComplete = isLogComplete(log, knownAccepted);
  const findings = new Map(uncertain.map((mail) => [mail, findingFor(log, isComplete, mail)]));
  return { kind: 'read', findings, from: log.from, until: log.until };
}

function mergeLogs(results: readonly MailLogResult[]): MailLogResult {
  const froms = results.map(({ from }) => from?.getTime() ?? Number.NaN);
  const untils = results.map(({ until }) => until?.getTime() ?? Number.NaN);
  return {
    kind: 'read',
    accepted: new Map(results.flatMap(({ accepted }) => [...accepted])),
    unclear: new Set(results.flatMap(({ unclear }) => [...unclear])),
    from: toDate(Math.max(...froms)),
    until: toDate(Math.min(...untils)),
  };
}

function toDate(time: number): Date | undefined {
  return Number.isFinite(time) ? new Date(time) : undefined;
}

function isLogComplete(log: MailLogResult, knownAccepted: readonly KnownAccepted[]): boolean {
  const { from, until, accepted, unclear } = log;
  if (from === undefined || until === undefined) return false;
  const present = knownAccepted.filter(
    ({ acceptedAt }) => acceptedAt.getTime() - CLOCK_SKEW_MS >= from.getTime() && acceptedAt <= until,
  );
  return present.length > 0 && present.every(({ messageId: id }) => accepted.has(id) || unclear.has(id));
}

function findingFor(
  log: MailLogResult,
  isComplete: boolean,
  { messageId, attemptedAfter, updatedAt }: UncertainMail,
): LogFinding {
  const queueId = log.accepted.get(messageId);
  if (queueId !== undefined) return { kind: 'taken', queueId };
  if (log.unclear.has(messageId)) return { kind: 'unclear' };
  if (!isComplete || log.from === undefined || log.until === undefined) return { kind: 'uncovered' };
  const covers =
    log.from.getTime() <= attemptedAfter.getTime() - CLOCK_SKEW_MS &&
    log.until.getTime() >= updatedAt.getTime() + UNCERTAIN_WAIT_MS;
  return { kind: covers ? 'not-taken' : 'uncovered' };
}

export function acceptedByLog(queueId: string): AttemptResult {
  const answer = `Found in the mail log as ${queueId}.`;
  return { state: 'accepted', skipReason: null, answer, nextAttemptAt: null, providerMessageId: queueId };
}

export function notAcceptedByLog(): AttemptResult {
  return queuedResult(null, 'Not in the mail log: the server did not take it.');
}
