import { listReleasedAbove, listWaitingUntil } from '../articles/reads.js';
import { dueArticles, dueTo, type Mailing, type ReleasedArticle } from '../digests/due.js';
import { nextFreePeriod } from '../digests/period.js';
import type { Context } from '../platform/context.js';
import type { Db } from '../platform/db/database.js';
import type { Publication } from '../publications/publication.js';
import { parseAddress } from '../subscribers/address.js';
import { findSubscriptionOf, isSuppressed } from '../subscribers/reads.js';
import type { Subscription } from '../subscribers/subscription.js';
import { listMailedTo } from './due-lists.js';
import { hasDigestOf } from './list-reads.js';

/** What one reader gets, when, and why, or why not; by the very rules of planning, and nothing is written. */
export type ReaderPreview = {
  reader: Pick<Subscription, 'id' | 'status' | 'cadence' | 'hour' | 'timezone' | 'topics' | 'watermark'>;
  /** The moment looked at. */
  at: Date;
  mailings: Mailing[];
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
  const { db, hashAddress } = context;
  const parsed = parseAddress(email);
  const reader =
    parsed.kind === 'address' ? await findSubscriptionOf(db, publication.id, parsed.address.key) : undefined;
  if (reader === undefined) return undefined;
  const released = await releasedBy(context, publication, reader, at);
  const mailed = await listMailedTo(db, publication.id, reader, released);
  const suppressed = await isSuppressed(db, publication.id, hashAddress(reader.emailKey));
  const never = suppressed ? 'Her address is suppressed: it is never mailed.' : whyNever(publication, reader);
  if (never !== undefined) return { reader, at, mailings: [], nextDueAt: null, why: never };
  const early = whyNotYet(reader, at);
  if (early !== undefined) return { reader, at, mailings: [], nextDueAt: reader.nextDueAt, why: early };
  const due = dueTo(reader, released, mailed, at);
  const had = await firstHad(db, reader, due.mailings);
  if (had !== undefined) return { reader, at, mailings: [], ...afterHad(reader, had, at) };
  return { reader, at, ...due, why: explain(reader, released, mailed, due.mailings) };
}

/** The digest among these that she has a delivery in: nobody gets two of one period. */
async function firstHad(
  db: Db,
  { id, publicationId }: Subscription,
  mailings: readonly Mailing[],
): Promise<Mailing | undefined> {
  for (const mailing of mailings) {
    if (mailing.cadence === 'instant') continue;
    if (await hasDigestOf(db, { publicationId, ...mailing }, id)) return mailing;
  }
  return undefined;
}

function afterHad(reader: Subscription, { cadence, period }: Mailing, at: Date) {
  // Instant readers fall back on the daily digest when much comes at once.
  const rhythm = reader.cadence === 'instant' ? { ...reader, cadence: 'daily' as const } : reader;
  const why = `She has had the ${cadence} digest of ${period}: what is new waits for her next one.`;
  return { nextDueAt: nextFreePeriod(rhythm, at), why };
}

/** Those that are out, and those that will be: they get the next numbers in the order they come out. */
async function releasedBy(
  { db }: Pick<Context, 'db'>,
  publication: Publication,
  reader: Subscription,
  at: Date,
): Promise<ReleasedArticle[]> {
  const out = await listReleasedAbove(db, publication.id, reader.watermark);
  const coming = await listWaitingUntil(db, publication.id, at);
  return [...out, ...coming.map((article, index) => ({ ...article, seq: publication.lastSeq + 1 + index }))];
}

function whyNever(publication: Publication, reader: Subscription): string | undefined {
  if (publication.archivedAt !== null) return 'The publication is archived: it sends nothing.';
  if (reader.status === 'pending') return 'She has not confirmed.';
  return reader.status === 'confirmed' ? undefined : `Her subscription is ${reader.status}.`;
}

function whyNotYet({ cadence, timezone, nextDueAt }: Subscription, at: Date): string | undefined {
  if (cadence === 'instant' || nextDueAt === null || nextDueAt <= at) return undefined;
  return `She is not due before ${nextDueAt.toISOString()} (${cadence}, ${timezone}).`;
}

function explain(
  reader: Subscription,
  released: readonly ReleasedArticle[],
  mailed: ReadonlySet<string>,
  mailings: readonly Mailing[],
): string {
  const articles = mailings.reduce((sum, mailing) => sum + mailing.articles.length, 0);
  if (mailings.length > 0) {
    return `She is due ${count(articles, 'article')} in ${count(mailings.length, 'mail')} (${reader.cadence}).`;
  }
  const above = released.filter((article) => article.seq > reader.watermark);
  if (above.length === 0) return `Nothing was released since article number ${reader.watermark}, her last.`;
  const unmailed = dueArticles({ ...reader, topics: [] }, released, mailed);
  if (unmailed.length === 0) return 'An operator’s digest has brought her everything already.';
  return `None of ${count(unmailed.length, 'new article')} matches her topics (${reader.topics.join(', ')}).`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
