import { MAX_CLOCK_DIFFERENCE_MS } from '../../platform/clock/clock-check.js';
import { MINUTE_MS } from '../../platform/durations.js';
import { searchMailLog, type MailLogResult, type UnreadableLog } from '../../platform/mail/log/search.js';
import { queuedResult, type AttemptResult } from '../attempt-result.js';
import type { LogDoubt } from '../log-doubt.js';

/** An uncertain mail: its attempt began after `attemptedAfter`, and it is uncertain since `updatedAt`. */
export type UncertainMail = { messageId: string; attemptedAfter: Date; updatedAt: Date };

/** A mail that a server is known to have taken, and when it said so. */
export type KnownAccepted = { messageId: string; acceptedAt: Date };

export type LogFinding =
  | { kind: 'taken'; queueId: string }
  | { kind: 'not-taken' }
  /** The server has seen it, and has not said more. */
  | { kind: 'unclear'; doubt: LogDoubt }
  /** It is not in the log, and the log proves nothing by that. */
  | { kind: 'uncovered'; doubt: LogDoubt };

/** `from` and `until`: what all of the logs cover. */
export type LogFindings<Mail extends UncertainMail> = {
  kind: 'read';
  findings: Map<Mail, LogFinding>;
  from: Date | undefined;
  until: Date | undefined;
};

/** The log's times are a machine's, the ledger's those of any worker; neither is further than this from Postgres. */
const CLOCK_SKEW_MS = 2 * MAX_CLOCK_DIFFERENCE_MS;

/**
 * How long after it became uncertain a mail is looked for in the log, and how long that has to go on for its silence to mean
 * something: a server on the same machine has long read what was sent to it, and logs Message-ID as soon as the header is there.
 */
export const LOG_WAIT_MS = 4 * MINUTE_MS;

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
  const flaw = findFlaw(log, knownAccepted);
  const findings = new Map(uncertain.map((mail) => [mail, findingFor(log, flaw, mail)]));
  return { kind: 'read', findings, from: log.from, until: log.until };
}

function mergeLogs(results: readonly MailLogResult[]): MailLogResult {
  const froms = results.map(({ from }) => from?.getTime() ?? Number.NaN);
  const untils = results.map(({ until }) => until?.getTime() ?? Number.NaN);
  return {
    kind: 'read',
    accepted: new Map(results.flatMap(({ accepted }) => [...accepted])),
    unclear: new Map(results.flatMap(({ unclear }) => [...unclear])),
    from: toDate(Math.max(...froms)),
    until: toDate(Math.min(...untils)),
    hasLostLines: results.some(({ hasLostLines }) => hasLostLines),
  };
}

function toDate(time: number): Date | undefined {
  return Number.isFinite(time) ? new Date(time) : undefined;
}

/** Why nothing follows from a mail's absence in the log; undefined: something may. */
function findFlaw(log: MailLogResult, knownAccepted: readonly KnownAccepted[]): LogDoubt | undefined {
  const { from, until, accepted, unclear } = log;
  if (from === undefined || until === undefined) return 'no-times';
  const present = knownAccepted.filter(({ acceptedAt }) => acceptedAt >= from && acceptedAt <= until);
  if (present.length === 0) return 'no-witness';
  return present.every(({ messageId: id }) => accepted.has(id) || unclear.has(id)) ? undefined : 'incomplete';
}

function findingFor(
  log: MailLogResult,
  flaw: LogDoubt | undefined,
  { messageId, attemptedAfter, updatedAt }: UncertainMail,
): LogFinding {
  const queueId = log.accepted.get(messageId);
  if (queueId !== undefined) return { kind: 'taken', queueId };
  const doubt = log.unclear.get(messageId);
  if (doubt !== undefined) return { kind: 'unclear', doubt };
  const { from, until } = log;
  if (from === undefined || until === undefined) return { kind: 'uncovered', doubt: flaw ?? 'no-times' };
  if (from.getTime() > attemptedAfter.getTime() - CLOCK_SKEW_MS)
    return { kind: 'uncovered', doubt: log.hasLostLines ? 'lines-lost' : 'begins-late' };
  if (until.getTime() < updatedAt.getTime() + LOG_WAIT_MS) return { kind: 'uncovered', doubt: 'ends-early' };
  return flaw === undefined ? { kind: 'not-taken' } : { kind: 'uncovered', doubt: flaw };
}

export function acceptedByLog(queueId: string): AttemptResult {
  const answer = `Found in the mail log as ${queueId}.`;
  return { state: 'accepted', skipReason: null, answer, nextAttemptAt: null, providerMessageId: queueId };
}

export function notAcceptedByLog(): AttemptResult {
  return queuedResult(null, 'Not in the mail log: the server did not take it.');
}
