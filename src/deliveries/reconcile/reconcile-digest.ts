import { findDigest } from '../../digests/reads.js';
import type { Context } from '../../platform/context.js';
import type { UnreadableLog } from '../../platform/mail/log/search.js';
import { findPublication } from '../../publications/reads.js';
import { LOWEST_ID } from '../chunks.js';
import { messageId } from '../mail-urls.js';
import { checkMailLogs, type LogFinding, type LogFindings } from './check-mail-logs.js';
import {
  addCounts,
  NO_COUNTS,
  reconcileBatch,
  type CheckedDelivery,
  type ReconcileCounts,
} from './reconcile-batch.js';
import {
  listKnownAccepted,
  listUncertainDeliveries,
  type PageStart,
  type UncertainDelivery,
  type UncertainQuery,
} from './reads.js';
import { noteDoubts } from './writes.js';

export type MailLogContext = Pick<Context, 'clock' | 'db' | 'now' | 'actor' | 'log' | 'links'>;

/** What became of a digest's uncertain deliveries; `from` and `until`: what the log covers. */
export type ReconcileResult = ReconcileCounts & { from: Date | undefined; until: Date | undefined };

/** Rows whose message ids are looked for in one reading of the log. */
const PAGE_SIZE = 5_000;
const MAX_KNOWN_ACCEPTED = 100;

/**
 * Looks up a digest's uncertain deliveries in one mail log, page by page, and records what it proves, batch by batch.
 * @param query.byOperator they waited for an operator, so that none is too old to be sent again
 * @param beforeReading done when there is something to look up
 */
export async function reconcileDigest(
  context: MailLogContext,
  query: Omit<UncertainQuery, 'limit'> & { byOperator: boolean },
  file: string,
  beforeReading: () => Promise<void> = async () => {},
): Promise<({ kind: 'done' } & ReconcileResult) | UnreadableLog> {
  const { digestId, byOperator } = query;
  let counts = NO_COUNTS;
  let covered: { from: Date | undefined; until: Date | undefined } = { from: undefined, until: undefined };
  let start: PageStart | undefined = { batch: -1, subscriptionId: LOWEST_ID };
  while (start !== undefined) {
    const page = { ...query, limit: PAGE_SIZE };
    const uncertain: UncertainDelivery[] = await listUncertainDeliveries(context.db, page, start);
    if (uncertain.length === 0) break;
    await beforeReading();
    const found = await findInMailLog(context, query, file, uncertain);
    if (found.kind === 'unreadable') {
      if (!byOperator) await noteUnreadable(context, digestId, uncertain);
      return found;
    }
    covered = { from: found.from, until: found.until };
    for (const [number, checked] of groupByBatch(found.findings)) {
      const isFirst = counts.accepted + counts.queued + counts.skipped === 0;
      const batch = { digestId, number, byOperator, isRecorded: byOperator && isFirst };
      counts = addCounts(counts, await reconcileBatch(context, batch, checked));
    }
    start = uncertain.length < PAGE_SIZE ? undefined : uncertain.at(-1);
  }
  return { kind: 'done', ...counts, ...covered };
}

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

async function noteUnreadable(
  { db }: MailLogContext,
  digestId: string,
  rows: readonly UncertainDelivery[],
): Promise<void> {
  for (const number of new Set(rows.map(({ batch }) => batch))) {
    const doubted = rows.filter(({ batch }) => batch === number);
    const doubts = doubted.map((row) => ({ ...row, doubt: 'unreadable' as const }));
    await db.transaction((tx) => noteDoubts(tx, { digestId, number }, doubts));
  }
}

function groupByBatch(findings: ReadonlyMap<UncertainDelivery, LogFinding>): Map<number, CheckedDelivery[]> {
  const batches = new Map<number, CheckedDelivery[]>();
  for (const [row, finding] of findings) {
    const checked = batches.get(row.batch) ?? [];
    checked.push({ row, finding });
    batches.set(row.batch, checked);
  }
  return batches;
}
