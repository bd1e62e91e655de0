import { isPast } from '../../platform/clock/is-past.js';
import type { Tx } from '../../platform/db/database.js';
import type { IsolatedRun } from '../../platform/jobs/isolated-run.js';
import { enqueueMissing } from '../../platform/jobs/outbox.js';
import { isolateFaults } from '../../platform/process/isolate-faults.js';
import { findPublication } from '../../publications/reads.js';
import { checkMailLogs, acceptedByLog, notAcceptedByLog, type LogFinding } from './check-mail-logs.js';
import { LOWEST_ID } from '../chunks.js';
import { skippedResult } from '../attempt-result.js';
import { messageId } from '../mail-urls.js';
import { recordNoticeResult } from '../notices/writes.js';
import { listUncertainNotices, listKnownAcceptedNotices, type UncertainNotice } from './reads.js';
import type { MailLogContext } from './reconcile-digest.js';
import { noteNoticeDoubt } from './writes.js';

/** `isEverywhere`: every server has a log; only then can a notice be found not to have been taken. */
export type NoticeLogs = {
  files: readonly string[];
  isEverywhere: boolean;
  /** Done when there is something to look up. */
  beforeReading: () => Promise<void>;
};

const PAGE_SIZE = 1_000;
const MAX_KNOWN_ACCEPTED = 20;

/**
 * Looks up uncertain notices in the mail logs, and records what these prove. A row does not say which server a notice went
 * to, so all logs are searched at once.
 */
export async function reconcileNotices(
  context: MailLogContext,
  run: IsolatedRun,
  logs: NoticeLogs,
  span: { after: Date; upTo: Date },
): Promise<void> {
  let from: string | undefined = LOWEST_ID;
  while (from !== undefined) {
    const notices: UncertainNotice[] = await listUncertainNotices(
      context.db,
      { ...span, limit: PAGE_SIZE },
      from,
    );
    const known = notices.filter(({ id }) => !run.waiting.has(id));
    const { failures } = await isolateFaults(known, (part) => reconcilePage(context, logs, part));
    for (const { row, error } of failures)
      await run.fail({ kind: 'notice', rowId: row.id, publicationId: row.publicationId }, error);
    from = notices.length < PAGE_SIZE ? undefined : notices.at(-1)?.id;
  }
}

async function reconcilePage(
  context: MailLogContext,
  { files, isEverywhere, beforeReading }: NoticeLogs,
  notices: readonly UncertainNotice[],
): Promise<void> {
  const { db, log } = context;
  const [first] = notices;
  if (first === undefined) return;
  await beforeReading();
  const knownAccepted = isEverywhere
    ? await listKnownAcceptedNotices(db, first.updatedAt, MAX_KNOWN_ACCEPTED)
    : [];
  const found = await checkMailLogs(
    files,
    await withMessageIds(
      context,
      notices.map((notice) => ({ ...notice, subject: notice.id, attemptedAfter: notice.createdAt })),
    ),
    await withMessageIds(context, knownAccepted),
  );
  if (found.kind === 'unreadable') {
    for (const notice of notices) await noteNoticeDoubt(db, notice, 'unreadable');
    return log.warn({ event: 'mail-log.unreadable', reason: found.reason });
  }
  for (const [notice, finding] of found.findings) {
    const state = await db.transaction((tx) => recordFinding(tx, context, notice, finding));
    if (state !== undefined)
      log.info({ event: `notice.${state}`, noticeId: notice.id, attempt: notice.attempt });
  }
}

/** Each mail with the message id that its notice is composed with. */
async function withMessageIds<Mail extends { subject: string; publicationId: string }>(
  { db, links }: MailLogContext,
  mails: readonly Mail[],
): Promise<(Mail & { messageId: string })[]> {
  const result: (Mail & { messageId: string })[] = [];
  for (const mail of mails) {
    const publication = await findPublication(db, mail.publicationId);
    if (publication === undefined) continue;
    const claims = { scope: publication.id, subject: mail.subject };
    result.push({ ...mail, messageId: messageId(links, publication, claims) });
  }
  return result;
}

/** @returns the notice's new state; undefined: it stays uncertain, or somebody else has decided */
async function recordFinding(
  tx: Tx,
  context: MailLogContext,
  notice: UncertainNotice,
  finding: LogFinding,
): Promise<string | undefined> {
  if ('doubt' in finding) {
    await noteNoticeDoubt(tx, notice, finding.doubt);
    return undefined;
  }
  const { now } = context;
  const notTaken = isPast(notice.expiresAt, context) ? skippedResult('expired') : notAcceptedByLog();
  const result = finding.kind === 'taken' ? acceptedByLog(finding.queueId) : notTaken;
  const dueAt = result.state === 'queued' ? now() : null;
  if ((await recordNoticeResult(tx, notice, result, dueAt, now())) === 0) return undefined;
  if (dueAt !== null) await enqueueMissing(tx, 'send-notice', [{ noticeId: notice.id }], now());
  return result.state;
}
