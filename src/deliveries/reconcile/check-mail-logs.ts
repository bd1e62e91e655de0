import { searchMailLog, type MailLogResult, type UnreadableLog } from '../../platform/mail/log/search.js';
import { queuedResult, UNCERTAIN_WAIT_MS, type AttemptResult } from '../delivery.js';

/** A mail in doubt: its attempt began after `bornAt`, and it is in doubt since `updatedAt`. */
export type UncertainMail = { messageId: string; bornAt: Date; updatedAt: Date };

/** A mail that we know was taken, and when we heard. */
export type KnownAccepted = { messageId: string; heardAt: Date };

export type LogFinding =
  | { kind: 'taken'; queueId: string }
  | { kind: 'not-taken' }
  /** The server has seen it, and has not said more. */
  | { kind: 'unclear' }
  /** It is not in the log, and the log proves nothing by that. */
  | { kind: 'uncovered' };

/** `from` and `until`: what all of the logs cover. */
export type LogFindings<Asked extends UncertainMail> = {
  kind: 'read';
  findings: Map<Asked, LogFinding>;
  from: Date | undefined;
  until: Date | undefined;
};

/** Clocks differ, and a line can be late. */
const CLOCK_SKEW_MS = 15 * 60_000;

/**
 * Asks the mail logs whether these mails were taken. That one was not is believed only of logs that begin before its attempt
 * could, go on for as long as the server may still have worked on it, and hold every one of the witnesses: a log of another
 * server, in other words, or with holes (syslog drops lines when there are too many), proves nothing by silence.
 */
export async function checkMailLogs<Asked extends UncertainMail>(
  files: readonly string[],
  questions: readonly Asked[],
  witnesses: readonly KnownAccepted[],
): Promise<LogFindings<Asked> | UnreadableLog> {
  const messageIds = [...questions, ...witnesses].map(({ messageId }) => messageId);
  const since = new Date(Math.min(...questions.map(({ bornAt }) => bornAt.getTime())) - CLOCK_SKEW_MS);
  const answers: MailLogResult[] = [];
  for (const file of files) {
    const answer = await searchMailLog(file, messageIds, since);
    if (answer.kind === 'unreadable') return answer;
    answers.push(answer);
  }
  const log = mergeLogs(answers);
  const isComplete = isLogComplete(log, witnesses);
  const verdicts = new Map(questions.map((one) => [one, findingFor(log, isComplete, one)]));
  return { kind: 'read', findings: verdicts, from: log.from, until: log.until };
}

function mergeLogs(answers: readonly MailLogResult[]): MailLogResult {
  const froms = answers.map(({ from }) => from?.getTime() ?? Number.NaN);
  const untils = answers.map(({ until }) => until?.getTime() ?? Number.NaN);
  return {
    kind: 'read',
    accepted: new Map(answers.flatMap(({ accepted }) => [...accepted])),
    unclear: new Set(answers.flatMap(({ unclear }) => [...unclear])),
    from: toDate(Math.max(...froms)),
    until: toDate(Math.min(...untils)),
  };
}

function toDate(time: number): Date | undefined {
  return Number.isFinite(time) ? new Date(time) : undefined;
}

function isLogComplete(log: MailLogResult, witnesses: readonly KnownAccepted[]): boolean {
  const { from, until, accepted, unclear } = log;
  if (from === undefined || until === undefined) return false;
  const present = witnesses.filter(
    ({ heardAt }) => heardAt.getTime() - CLOCK_SKEW_MS >= from.getTime() && heardAt <= until,
  );
  return present.length > 0 && present.every(({ messageId: id }) => accepted.has(id) || unclear.has(id));
}

function findingFor(
  log: MailLogResult,
  isComplete: boolean,
  { messageId, bornAt, updatedAt }: UncertainMail,
): LogFinding {
  const queueId = log.accepted.get(messageId);
  if (queueId !== undefined) return { kind: 'taken', queueId };
  if (log.unclear.has(messageId)) return { kind: 'unclear' };
  if (!isComplete || log.from === undefined || log.until === undefined) return { kind: 'uncovered' };
  const covers =
    log.from.getTime() <= bornAt.getTime() - CLOCK_SKEW_MS &&
    log.until.getTime() >= updatedAt.getTime() + UNCERTAIN_WAIT_MS;
  return { kind: covers ? 'not-taken' : 'uncovered' };
}

export function acceptedByLog(queueId: string): AttemptResult {
  const answer = `Found in the mail log as ${queueId}.`;
  return { state: 'accepted', answer, nextAttemptAt: null, providerMessageId: queueId };
}

export function notAcceptedByLog(): AttemptResult {
  return { ...queuedResult(), answer: 'Not in the mail log: the server did not take it.' };
}
