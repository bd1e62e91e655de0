import { listReleasedAbove, listWaitingUntil } from '../../articles/reads.js';
import {
  selectDueArticles,
  computeDue,
  type DueDigest,
  type ReleasedArticle,
} from '../../digests/calendar/due.js';
import { nextDueAfterPeriod } from '../../digests/calendar/period.js';
import type { Context } from '../../platform/context.js';
import type { Db } from '../../platform/db/database.js';
import type { Publication } from '../../publications/publication.js';
import { parseAddress } from '../../subscribers/address.js';
import { findSubscriptionOf } from '../../subscribers/reads.js';
import { addressHashes } from '../../subscribers/suppression/address-hashes.js';
import { isSuppressed } from '../../subscribers/suppression/reads.js';
import type { Subscription } from '../../subscribers/subscription.js';
import { listMailedArticles } from './due-lists.js';
import { hasDeliveryInPeriod } from './reads.js';
import { countNoun } from '../../platform/text/count-noun.js';

/** What one reader gets, when, and why, or why not; by the very rules of planning, and nothing is written. */
export type ReaderPreview = {
  reader: Pick<Subscription, 'id' | 'status' | 'cadence' | 'hour' | 'timezone' | 'topics' | 'watermark'>;
  /** The moment looked at. */
  at: Date;
  digests: DueDigest[];
  /** When she is due after that; null for instant readers and those who get nothing. */
  nextDueAt: Date | null;
  /** One sentence for an operator. */
  why: string;
};

/**
 * Looks at one reader at one moment. Articles whose hold window is over by then count as released.
 * @param at now when absent
 * @returns undefined when this address has no subscription here
 */
export async function previewReader(
  context: Pick<Context, 'db' | 'now' | 'hashAddress'>,
  publication: Publication,
  email: string,
  at: Date = context.now(),
): Promise<ReaderPreview | undefined> {
  const parsed = parseAddress(email);
  const reader =
    parsed.kind === 'address'
      ? await findSubscriptionOf(context.db, publication.id, parsed.address.key)
      : undefined;
  return reader && previewSubscription(context, publication, reader, at);
}

/** As `previewReader`, for a subscription that was read. */
export async function previewSubscription(
  context: Pick<Context, 'db' | 'now' | 'hashAddress'>,
  publication: Publication,
  reader: Subscription,
  at: Date,
): Promise<ReaderPreview> {
  const { db, hashAddress } = context;
  const released = await listReleasedBy(context, publication, reader, at);
  const mailed = await listMailedArticles(db, publication.id, reader, released);
  const suppressed = await isSuppressed(db, publication.id, addressHashes(hashAddress, reader.emailKey));
  const never = suppressed
    ? 'Her address is suppressed: it is never mailed.'
    : neverMailedReason(publication, reader);
  if (never !== undefined) return { reader, at, digests: [], nextDueAt: null, why: never };
  const early = notYetDueReason(reader, at);
  if (early !== undefined) return { reader, at, digests: [], nextDueAt: reader.nextDueAt, why: early };
  const due = computeDue(reader, released, mailed, at);
  const had = await findReceivedMailing(db, reader, due.digests);
  if (had !== undefined) return { reader, at, digests: [], ...previewAfterReceived(reader, had, at) };
  return { reader, at, ...due, why: explainPreview(reader, released, mailed, due.digests) };
}

/** The digest among these that she has a delivery in: nobody gets two of one period. */
async function findReceivedMailing(
  db: Db,
  { id, publicationId }: Subscription,
  dueDigests: readonly DueDigest[],
): Promise<DueDigest | undefined> {
  for (const dueDigest of dueDigests) {
    if (dueDigest.cadence === 'instant') continue;
    if (await hasDeliveryInPeriod(db, { publicationId, ...dueDigest }, id)) return dueDigest;
  }
  return undefined;
}

function previewAfterReceived(reader: Subscription, { cadence, period }: DueDigest, at: Date) {
  // Instant readers fall back on the daily digest when much comes at once.
  const rhythm = reader.cadence === 'instant' ? { ...reader, cadence: 'daily' as const } : reader;
  const why = `She has had the ${cadence} digest of ${period}: what is new waits for her next one.`;
  return { nextDueAt: nextDueAfterPeriod(rhythm, at), why };
}

/** Those that are out, and those that will be: they get the next numbers in the order they come out. */
async function listReleasedBy(
  { db }: Pick<Context, 'db'>,
  publication: Publication,
  reader: Subscription,
  at: Date,
): Promise<ReleasedArticle[]> {
  const out = await listReleasedAbove(db, publication.id, reader.watermark);
  const coming = await listWaitingUntil(db, publication.id, at);
  return [...out, ...coming.map((article, index) => ({ ...article, seq: publication.lastSeq + 1 + index }))];
}

function neverMailedReason(publication: Publication, reader: Subscription): string | undefined {
  if (publication.archivedAt !== null) return 'The publication is archived: it sends nothing.';
  if (publication.liveAt === null) return 'The publication is not live yet: it sends no digests.';
  if (reader.status === 'pending') return 'She has not confirmed.';
  return reader.status === 'confirmed' ? undefined : `Her subscription is ${reader.status}.`;
}

function notYetDueReason({ cadence, timezone, nextDueAt }: Subscription, at: Date): string | undefined {
  if (cadence === 'instant' || nextDueAt === null || nextDueAt <= at) return undefined;
  return `She is not due before ${nextDueAt.toISOString()} (${cadence}, ${timezone}).`;
}

function explainPreview(
  reader: Subscription,
  released: readonly ReleasedArticle[],
  mailed: ReadonlySet<string>,
  dueDigests: readonly DueDigest[],
): string {
  const articles = dueDigests.reduce((sum, dueDigest) => sum + dueDigest.articles.length, 0);
  if (dueDigests.length > 0) {
    return `She is due ${countNoun(articles, 'article')} in ${countNoun(dueDigests.length, 'mail')} (${reader.cadence}).`;
  }
  const above = released.filter((article) => article.seq > reader.watermark);
  if (above.length === 0) return `Nothing was released since article number ${reader.watermark}, her last.`;
  const unmailed = selectDueArticles({ ...reader, topics: [] }, released, mailed);
  if (unmailed.length === 0) return 'An operator’s digest has brought her everything already.';
  return `None of ${countNoun(unmailed.length, 'new article')} matches her topics (${reader.topics.join(', ')}).`;
}
