import { listReleasedAbove, listWaitingUntil } from '../articles/reads.js';
import { dueArticles, dueTo, type Mailing, type ReleasedArticle } from '../digests/due.js';
import type { Context } from '../platform/context.js';
import type { Publication } from '../publications/publication.js';
import { parseAddress } from '../subscribers/address.js';
import { findSubscriptionOf, isSuppressed } from '../subscribers/reads.js';
import type { Subscription } from '../subscribers/subscription.js';
import { listMailedTo } from './plan-readers.js';

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
  const mailed = await listMailedTo(db, publication.id, reader);
  const silence = (await isSuppressed(db, publication.id, hashAddress(reader.emailKey)))
    ? 'Her address is suppressed: it is never mailed.'
    : whyNothing(publication, reader, at);
  const due = silence === undefined ? dueTo(reader, released, mailed, at) : { mailings: [], nextDueAt: null };
  const why = silence ?? explain(reader, released, mailed, due.mailings);
  return { reader, at, mailings: due.mailings, nextDueAt: due.nextDueAt ?? reader.nextDueAt, why };
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

function whyNothing(publication: Publication, reader: Subscription, at: Date): string | undefined {
  if (publication.archivedAt !== null) return 'The publication is archived: it sends nothing.';
  if (reader.status === 'pending') return 'She has not confirmed.';
  if (reader.status !== 'confirmed') return `Her subscription is ${reader.status}.`;
  if (reader.cadence === 'instant' || reader.nextDueAt === null || reader.nextDueAt <= at) return undefined;
  return `She is not due before ${reader.nextDueAt.toISOString()} (${reader.cadence}, ${reader.timezone}).`;
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
