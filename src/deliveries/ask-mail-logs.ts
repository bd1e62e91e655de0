import { searchMailLog, type MailLogAnswer, type UnreadableLog } from '../platform/mail/mail-log.js';
import { queued, UNCERTAIN_WAIT_MS, type Ending } from './delivery.js';

/** A mail in doubt: its attempt began after `bornAt`, and it is in doubt since `updatedAt`. */
export type Question = { messageId: string; bornAt: Date; updatedAt: Date };

/** A mail that we know was taken, and when we heard. */
export type Witness = { messageId: string; heardAt: Date };

export type LogVerdict =
  | { kind: 'taken'; queueId: string }
  | { kind: 'not-taken' }
  /** The server has seen it, and has not said more. */
  | { kind: 'unclear' }
  /** It is not in the log, and the log proves nothing by that. */
  | { kind: 'uncovered' };

/** `from` and `until`: what all of the logs cover. */
export type LogVerdicts<Asked extends Question> = {
  kind: 'read';
  verdicts: Map<Asked, LogVerdict>;
  from: Date | undefined;
  until: Date | undefined;
};

/** Clocks differ, and a line can be late. */
const SLACK_MS = 15 * 60_000;

/**
 * Asks the mail logs whether these mails were taken. That one was not is believed only of logs that begin before its attempt
 * could, go on for as long as the server may still have worked on it, and hold every one of the witnesses: a log of another
 * server, in other words, or with holes (syslog drops lines when there are too many), proves nothing by silence.
 */
export async function askMailLogs<Asked extends Question>(
  files: readonly string[],
  questions: readonly Asked[],
  witnesses: readonly Witness[],
): Promise<LogVerdicts<Asked> | UnreadableLog> {
  const messageIds = [...questions, ...witnesses].map(({ messageId }) => messageId);
  const since = new Date(Math.min(...questions.map(({ bornAt }) => bornAt.getTime())) - SLACK_MS);
  const answers: MailLogAnswer[] = [];
  for (const file of files) {
    const answer = await searchMailLog(file, messageIds, since);
    if (answer.kind === 'unreadable') return answer;
    answers.push(answer);
  }
  const log = together(answers);
  const isComplete = isVouchedFor(log, witnesses);
  const verdicts = new Map(questions.map((one) => [one, judge(log, isComplete, one)]));
  return { kind: 'read', verdicts, from: log.from, until: log.until };
}

function together(answers: readonly MailLogAnswer[]): MailLogAnswer {
  const froms = answers.map(({ from }) => from?.getTime() ?? Number.NaN);
  const untils = answers.map(({ until }) => until?.getTime() ?? Number.NaN);
  return {
    kind: 'read',
    taken: new Map(answers.flatMap(({ taken }) => [...taken])),
    unclear: new Set(answers.flatMap(({ unclear }) => [...unclear])),
    from: dateOf(Math.max(...froms)),
    until: dateOf(Math.min(...untils)),
  };
}

function dateOf(time: number): Date | undefined {
  return Number.isFinite(time) ? new Date(time) : undefined;
}

function isVouchedFor(log: MailLogAnswer, witnesses: readonly Witness[]): boolean {
  const { from, until, taken, unclear } = log;
  if (from === undefined || until === undefined) return false;
  const present = witnesses.filter(
    ({ heardAt }) => heardAt.getTime() - SLACK_MS >= from.getTime() && heardAt <= until,
  );
  return present.length > 0 && present.every(({ messageId: id }) => taken.has(id) || unclear.has(id));
}

function judge(
  log: MailLogAnswer,
  isComplete: boolean,
  { messageId, bornAt, updatedAt }: Question,
): LogVerdict {
  const queueId = log.taken.get(messageId);
  if (queueId !== undefined) return { kind: 'taken', queueId };
  if (log.unclear.has(messageId)) return { kind: 'unclear' };
  if (!isComplete || log.from === undefined || log.until === undefined) return { kind: 'uncovered' };
  const covers =
    log.from.getTime() <= bornAt.getTime() - SLACK_MS &&
    log.until.getTime() >= updatedAt.getTime() + UNCERTAIN_WAIT_MS;
  return { kind: covers ? 'not-taken' : 'uncovered' };
}

export function foundAs(queueId: string): Ending {
  const answer = `Found in the mail log as ${queueId}.`;
  return { state: 'accepted', answer, nextAttemptAt: null, providerMessageId: queueId };
}

export function notTaken(): Ending {
  return { ...queued(), answer: 'Not in the mail log: the server did not take it.' };
}
