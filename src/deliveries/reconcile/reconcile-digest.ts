import type { Digest } from '../../digests/digest.js';
import { findDigest } from '../../digests/reads.js';
import { reopenForResend } from '../../digests/change-state.js';
import type { Context } from '../../platform/context.js';
import type { UnreadableLog } from '../../platform/mail/log/search.js';
import { findPublication } from '../../publications/reads.js';
import {
  checkMailLogs,
  acceptedByLog,
  notAcceptedByLog,
  type LogFinding,
  type LogFindings,
} from './check-mail-logs.js';
import { LOWEST_ID } from '../chunks.js';
import { skippedResult, type BatchKey, type AttemptResult } from '../delivery.js';
import { messageId } from '../mail-urls.js';
import {
  listUncertainDeliveries,
  listKnownAccepted,
  lockIdleBatch,
  type UncertainDelivery,
  type UncertainQuery,
  type PageStart,
} from './reads.js';
import { wakeBatch } from '../batches/wake-batch.js';
import { recordResults } from '../writes.js';

export type MailLogContext = Pick<Context, 'db' | 'now' | 'log' | 'links'>;

/** What became of a digest's doubts; `from` and `until`: what the log covers. */
export type ReconcileResult = {
  accepted: number;
  queued: number;
  skipped: number;
  /** The server has seen them, and the log does not say whether it took them. */
  unclear: number;
  /** Not in the log, which proves nothing by that. */
  uncovered: number;
  /** A worker is at their batch: the next time finds them. */
  busy: number;
  from: Date | undefined;
  until: Date | undefined;
};

/** Rows whose message ids are looked for in one reading of the log. */
const PAGE_SIZE = 5_000;
const MAX_KNOWN_ACCEPTED = 100;

/** Asks one mail log about a digest's doubts, and records what it proves; page by page, and each batch by itself. */
export async function reconcileDigest(
  context: MailLogContext,
  wanted: Omit<UncertainQuery, 'limit'>,
  file: string,
): Promise<({ kind: 'done' } & ReconcileResult) | UnreadableLog> {
  const settled: ReconcileResult = { ...EMPTY_RESULT };
  let place: PageStart | undefined = { batch: -1, subscriptionId: LOWEST_ID };
  while (place !== undefined) {
    const doubts: UncertainDelivery[] = await listUncertainDeliveries(
      context.db,
      { ...wanted, limit: PAGE_SIZE },
      place,
    );
    if (doubts.length === 0) break;
    const answer = await findInMailLog(context, wanted, file, doubts);
    if (answer.kind === 'unreadable') return answer;
    Object.assign(settled, { from: answer.from, until: answer.until });
    for (const [number, judged] of groupByBatch(answer.findings))
      await reconcileBatch(context, { digestId: wanted.digestId, number }, judged, settled);
    place = doubts.length < PAGE_SIZE ? undefined : doubts.at(-1);
  }
  return { kind: 'done', ...settled };
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
  doubts: readonly UncertainDelivery[],
): Promise<LogFindings<UncertainDelivery & { messageId: string }> | UnreadableLog> {
  const digest = await findDigest(db, digestId);
  const publication = digest && (await findPublication(db, digest.publicationId));
  if (publication === undefined) throw new Error(`Digest ${digestId} has deliveries and is not there.`);
  const nameOf = (subject: string) =>
    messageId(links, publication, { scope: digestId, subject }, digest?.keyId);
  const around = doubts[0]?.updatedAt ?? new Date();
  const found = await listKnownAccepted(db, { digestId, transportId }, around, MAX_KNOWN_ACCEPTED);
  const witnesses = found.map(({ subject, heardAt }) => ({ messageId: nameOf(subject), heardAt }));
  const questions = doubts.map((row) => ({ ...row, messageId: nameOf(row.subscriptionId) }));
  return checkMailLogs([file], questions, witnesses);
}

type CheckedDelivery = { row: UncertainDelivery; verdict: LogFinding };

function groupByBatch(verdicts: ReadonlyMap<UncertainDelivery, LogFinding>): Map<number, CheckedDelivery[]> {
  const batches = new Map<number, CheckedDelivery[]>();
  for (const [row, verdict] of verdicts) {
    const judged = batches.get(row.batch) ?? [];
    judged.push({ row, verdict });
    batches.set(row.batch, judged);
  }
  return batches;
}

/** A batch that a worker is at is left alone: when to wake it next is what he is about to say. */
async function reconcileBatch(
  { db, now }: MailLogContext,
  batch: BatchKey,
  judged: readonly CheckedDelivery[],
  settled: ReconcileResult,
): Promise<void> {
  const endings = await db.transaction(async (tx) => {
    if ((await lockIdleBatch(tx, batch)) === undefined) return undefined;
    const digest = await findDigest(tx, batch.digestId);
    const rows = judged.flatMap(({ row, verdict }) => {
      const ending = digest && resultOfFinding(verdict, digest, now());
      return ending === undefined ? [] : [{ ...row, ending }];
    });
    await recordResults(tx, batch, rows, now());
    if (!rows.some(({ ending }) => ending.state === 'queued')) return rows;
    if (digest?.state === 'closed') await reopenForResend(tx, batch.digestId, now());
    await wakeBatch(tx, batch, now());
    return rows;
  });
  if (endings === undefined) settled.busy += judged.length;
  else addToResult(settled, judged, endings);
}

/** Undefined: it stays in doubt. What was cancelled or is too old goes out to nobody. */
function resultOfFinding(verdict: LogFinding, digest: Digest, now: Date): AttemptResult | undefined {
  switch (verdict.kind) {
    case 'taken':
      return acceptedByLog(verdict.queueId);
    case 'not-taken':
      if (digest.state === 'cancelled') return skippedResult('cancelled');
      return digest.expiresAt <= now ? skippedResult('expired') : notAcceptedByLog();
    case 'unclear':
    case 'uncovered':
      return undefined;
  }
}

function addToResult(
  settled: ReconcileResult,
  judged: readonly CheckedDelivery[],
  endings: readonly { ending: AttemptResult }[],
): void {
  const ended = (state: AttemptResult['state']) =>
    endings.filter(({ ending }) => ending.state === state).length;
  const left = (kind: LogFinding['kind']) => judged.filter(({ verdict }) => verdict.kind === kind).length;
  settled.accepted += ended('accepted');
  settled.queued += ended('queued');
  settled.skipped += ended('skipped');
  settled.unclear += left('unclear');
  settled.uncovered += left('uncovered');
}
