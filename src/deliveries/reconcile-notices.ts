import type { Tx } from '../platform/db/database.js';
import { enqueueMissing } from '../platform/jobs/outbox.js';
import { findPublication } from '../publications/reads.js';
import { askMailLogs, foundAs, notTaken, type LogVerdict } from './ask-mail-logs.js';
import { BEFORE_ALL } from './chunks.js';
import { skipped } from './delivery.js';
import { messageId } from './mail-names.js';
import { recordNoticeEnding } from './notice-writes.js';
import { listDoubtfulNotices, listNoticeWitnesses, type DoubtfulNotice } from './reconcile-writes.js';
import type { SettleContext } from './settle-digest.js';

const PAGE = 1_000;
const MOST_WITNESSES = 20;

/**
 * The same for notices. They do not say which server they went to, so all logs are asked at once; that one was not taken is
 * believed only where every server has a log (`isEverywhere`).
 */
export async function reconcileNotices(
  context: SettleContext,
  logs: { files: readonly string[]; isEverywhere: boolean },
  span: { after: Date; upTo: Date },
): Promise<void> {
  let from: string | undefined = BEFORE_ALL;
  while (from !== undefined) {
    const notices: DoubtfulNotice[] = await listDoubtfulNotices(context.db, { ...span, limit: PAGE }, from);
    await settle(context, logs, notices);
    from = notices.length < PAGE ? undefined : notices.at(-1)?.id;
  }
}

async function settle(
  context: SettleContext,
  { files, isEverywhere }: { files: readonly string[]; isEverywhere: boolean },
  notices: readonly DoubtfulNotice[],
): Promise<void> {
  const { db, log } = context;
  const [first] = notices;
  if (first === undefined) return;
  const found = isEverywhere ? await listNoticeWitnesses(db, first.updatedAt, MOST_WITNESSES) : [];
  const answer = await askMailLogs(
    files,
    await named(
      context,
      notices.map((one) => ({ ...one, subject: one.id, bornAt: one.createdAt })),
    ),
    await named(context, found),
  );
  if (answer.kind === 'unreadable') return log.warn({ event: 'mail-log.unreadable', reason: answer.reason });
  for (const [notice, verdict] of answer.verdicts) {
    const state = await db.transaction((tx) => record(tx, context, notice, verdict));
    if (state !== undefined)
      log.info({ event: `notice.${state}`, noticeId: notice.id, attempt: notice.attempt });
  }
}

/** Each with its message id, as it is composed for a notice. */
async function named<Mail extends { subject: string; publicationId: string }>(
  { db, links }: SettleContext,
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
async function record(
  tx: Tx,
  { now }: SettleContext,
  notice: DoubtfulNotice,
  verdict: LogVerdict,
): Promise<string | undefined> {
  if (verdict.kind !== 'taken' && verdict.kind !== 'not-taken') return undefined;
  const late = notice.expiresAt <= now() ? skipped('expired') : notTaken();
  const ending = verdict.kind === 'taken' ? foundAs(verdict.queueId) : late;
  const dueAt = ending.state === 'queued' ? now() : null;
  if ((await recordNoticeEnding(tx, notice, ending, dueAt, now())) === 0) return undefined;
  if (dueAt !== null) await enqueueMissing(tx, 'send-notice', [{ noticeId: notice.id }], now());
  return ending.state;
}
