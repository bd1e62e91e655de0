import type { Tx } from '../../platform/db/database.js';
import { enqueueMissing } from '../../platform/jobs/outbox.js';
import { findPublication } from '../../publications/reads.js';
import { checkMailLogs, acceptedByLog, notAcceptedByLog, type LogFinding } from './check-mail-logs.js';
import { LOWEST_ID } from '../chunks.js';
import { skippedResult } from '../delivery.js';
import { messageId } from '../mail-urls.js';
import { recordNoticeResult } from '../notices/writes.js';
import { listUncertainNotices, listKnownAcceptedNotices, type UncertainNotice } from './reads.js';
import type { MailLogContext } from './reconcile-digest.js';

const PAGE_SIZE = 1_000;
const MAX_KNOWN_ACCEPTED = 20;

/**
 * The same for notices. They do not say which server they went to, so all logs are asked at once; that one was not taken is
 * believed only where every server has a log (`isEverywhere`).
 */
export async function reconcileNotices(
  context: MailLogContext,
  logs: { files: readonly string[]; isEverywhere: boolean },
  span: { after: Date; upTo: Date },
): Promise<void> {
  let from: string | undefined = LOWEST_ID;
  while (from !== undefined) {
    const notices: UncertainNotice[] = await listUncertainNotices(
      context.db,
      { ...span, limit: PAGE_SIZE },
      from,
    );
    await reconcilePage(context, logs, notices);
    from = notices.length < PAGE_SIZE ? undefined : notices.at(-1)?.id;
  }
}

async function reconcilePage(
  context: MailLogContext,
  { files, isEverywhere }: { files: readonly string[]; isEverywhere: boolean },
  notices: readonly UncertainNotice[],
): Promise<void> {
  const { db, log } = context;
  const [first] = notices;
  if (first === undefined) return;
  const found = isEverywhere ? await listKnownAcceptedNotices(db, first.updatedAt, MAX_KNOWN_ACCEPTED) : [];
  const answer = await checkMailLogs(
    files,
    await withMessageIds(
      context,
      notices.map((one) => ({ ...one, subject: one.id, bornAt: one.createdAt })),
    ),
    await withMessageIds(context, found),
  );
  if (answer.kind === 'unreadable') return log.warn({ event: 'mail-log.unreadable', reason: answer.reason });
  for (const [notice, verdict] of answer.findings) {
    const state = await db.transaction((tx) => recordFinding(tx, context, notice, verdict));
    if (state !== undefined)
      log.info({ event: `notice.${state}`, noticeId: notice.id, attempt: notice.attempt });
  }
}

/** Each with its message id, as it is composed for a notice. */
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

/** Undefined: it stays in doubt, or somebody else has decided. */
async function recordFinding(
  tx: Tx,
  { now }: MailLogContext,
  notice: UncertainNotice,
  verdict: LogFinding,
): Promise<string | undefined> {
  if (verdict.kind !== 'taken' && verdict.kind !== 'not-taken') return undefined;
  const late = notice.expiresAt <= now() ? skippedResult('expired') : notAcceptedByLog();
  const ending = verdict.kind === 'taken' ? acceptedByLog(verdict.queueId) : late;
  const dueAt = ending.state === 'queued' ? now() : null;
  if ((await recordNoticeResult(tx, notice, ending, dueAt, now())) === 0) return undefined;
  if (dueAt !== null) await enqueueMissing(tx, 'send-notice', [{ noticeId: notice.id }], now());
  return ending.state;
}
