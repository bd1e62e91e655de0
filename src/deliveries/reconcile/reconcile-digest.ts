import type { Digest } from '../../digests/digest.js';
import { findDigest } from '../../digests/reads.js';
import { reopenForResend } from '../../digests/change-state.js';
import type { Context } from '../../platform/context.js';
import type { UnreadableLog } from '../../platform/mail/log/search.js';
import { findPublication } from '../../publications/reads.js';
import { skippedResult, type AttemptResult, type FinishedAttempt } from '../attempt-result.js';
import { wakeBatch } from '../batches/wake-batch.js';
import { LOWEST_ID } from '../chunks.js';
import type { BatchKey } from '../delivery.js';
import { messageId } from '../mail-urls.js';
import { recordResults } from '../writes.js';
import {
  acceptedByLog,
  checkMailLogs,
  notAcceptedByLog,
  type LogFinding,
  type LogFindings,
} from './check-mail-logs.js';
import {
  listKnownAccepted,
  listUncertainDeliveries,
  lockIdleBatch,
  type PageStart,
  type UncertainDelivery,
  type UncertainQuery,
} from './reads.js';

export type MailLogContext = Pick<Context, 'db' | 'now' | 'log' | 'links'>;

/** What became of a digest's uncertain deliveries; `from` and `until`: what the log covers. */
export type ReconcileResult = {
  accepted: number;
  queued: number;
  skipped: number;
  /** The server has seen them, and the log does not say whether it took them. */
  unclear: number;
  /** Not in the log, which proves nothing by that. */
  uncovered: number;
  /** A worker has their batch: the next time finds them. */
  busy: number;
  from: Date | undefined;
  until: Date | undefined;
};

/** Rows whose message ids are looked for in one reading of the log. */
const PAGE_SIZE = 5_000;
const MAX_KNOWN_ACCEPTED = 100;

/** Looks up a digest's uncertain deliveries in one mail log, page by page, and records what it proves, batch by batch. */
export async function reconcileDigest(
  context: MailLogContext,
  query: Omit<UncertainQuery, 'limit'>,
  file: string,
): Promise<({ kind: 'done' } & ReconcileResult) | UnreadableLog> {
  const total: ReconcileResult = { ...EMPTY_RESULT };
  let start: PageStart | undefined = { batch: -1, subscriptionId: LOWEST_ID };
  while (start !== undefined) {
    const page = { ...query, limit: PAGE_SIZE };
    const uncertain: UncertainDelivery[] = await listUncertainDeliveries(context.db, page, start);
    if (uncertain.length === 0) break;
    const found = await findInMailLog(context, query, file, uncertain);
    if (found.kind === 'unreadable') return found;
    Object.assign(total, { from: found.from, until: found.until });
    for (const [number, checked] of groupByBatch(found.findings))
      await reconcileBatch(context, { digestId: query.digestId, number }, checked, total);
    start = uncertain.length < PAGE_SIZE ? undefined : uncertain.at(-1);
  }
  return { kind: 'done', ...total };
}

const EMPTY_RESULT: ReconcileResult = {
  accepted: 0,
  queued: 0,
  skipped: 0,
  unclear: 0,
  uncovered: 0,
  busy: 0,
  from: undefined,
  until: undefined,
};

async function findInMailLog(
  { db, links }: MailLogContext,
  { digestId, transportId }: Pick<UncertainQuery, 'digestId' | 'transportId'>,
  file: string,
  uncertain: readonly UncertainDelivery[],
): Promise<LogFindings<UncertainDelivery & { messageId: string }> | UnreadableLog> {
  const digest = await findDigest(db, digestId);
  const publication = digest && (await findPublication(db, digest.publicationId));
  if (publication === undefined) throw new Error(`Digest ${digestId} has deliveries and is not there.`);
  const messageIdOf = (subject: string) =>
    messageId(links, publication, { scope: digestId, subject }, digest?.keyId);
  const around = uncertain[0]?.updatedAt ?? new Date();
  const accepted = await listKnownAccepted(db, { digestId, transportId }, around, MAX_KNOWN_ACCEPTED);
  return checkMailLogs(
    [file],
    uncertain.map((row) => ({ ...row, messageId: messageIdOf(row.subscriptionId) })),
    accepted.map(({ subject, acceptedAt }) => ({ messageId: messageIdOf(subject), acceptedAt })),
  );
}

type CheckedDelivery = { row: UncertainDelivery; finding: LogFinding };

function groupByBatch(findings: ReadonlyMap<UncertainDelivery, LogFinding>): Map<number, CheckedDelivery[]> {
  const batches = new Map<number, CheckedDelivery[]>();
  for (const [row, finding] of findings) {
    const checked = batches.get(row.batch) ?? [];
    checked.push({ row, finding });
    batches.set(row.batch, checked);
  }
  return batches;
}

/** A batch that a worker has leased is left alone: the worker is about to write when it is due next. */
async function reconcileBatch(
  { db, now }: MailLogContext,
  batch: BatchKey,
  checked: readonly CheckedDelivery[],
  total: ReconcileResult,
): Promise<void> {
  const finished = await db.transaction(async (tx) => {
    if ((await lockIdleBatch(tx, batch)) === undefined) return undefined;
    const digest = await findDigest(tx, batch.digestId);
    const rows = checked.flatMap(({ row, finding }) => {
      const result = digest && resultOfFinding(finding, digest, now());
      return result === undefined ? [] : [{ ...row, result }];
    });
    await recordResults(tx, batch, rows, now());
    if (!rows.some(({ result }) => result.state === 'queued')) return rows;
    if (digest?.state === 'closed') await reopenForResend(tx, batch.digestId, now());
    await wakeBatch(tx, batch, now());
    return rows;
  });
  if (finished === undefined) total.busy += checked.length;
  else addToTotal(total, checked, finished);
}

/** Undefined: it stays uncertain. What was cancelled or is too old is skipped. */
function resultOfFinding(finding: LogFinding, digest: Digest, now: Date): AttemptResult | undefined {
  switch (finding.kind) {
    case 'taken':
      return acceptedByLog(finding.queueId);
    case 'not-taken':
      if (digest.state === 'cancelled') return skippedResult('cancelled');
      return digest.expiresAt <= now ? skippedResult('expired') : notAcceptedByLog();
    case 'unclear':
    case 'uncovered':
      return undefined;
  }
}

function addToTotal(
  total: ReconcileResult,
  checked: readonly CheckedDelivery[],
  finished: readonly FinishedAttempt[],
): void {
  const countState = (state: AttemptResult['state']) =>
    finished.filter(({ result }) => result.state === state).length;
  const countFinding = (kind: LogFinding['kind']) =>
    checked.filter(({ finding }) => finding.kind === kind).length;
  total.accepted += countState('accepted');
  total.queued += countState('queued');
  total.skipped += countState('skipped');
  total.unclear += countFinding('unclear');
  total.uncovered += countFinding('uncovered');
}
