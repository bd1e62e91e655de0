import { foldTopic } from '../../publications/fold-topic.js';
import type { Reader, CadenceSettings } from '../../subscribers/subscription.js';
import { createCalendar, type Calendar } from './memoised-calendar.js';
import type { DigestCadence } from '../digest.js';

export type NumberedArticle = { id: string; seq: number };

export type ReleasedArticle = NumberedArticle & { categories: string[] };

/** One mail for one reader, before it is planned. */
export type DueDigest = {
  cadence: DigestCadence;
  period: string;
  closesAt: Date | null;
  articles: NumberedArticle[];
};

/** What is due to one reader, and when she is due again if she gets it, or if she already had this period's digest. */
export type Due = { digests: DueDigest[]; nextDueAt: Date | null };

/** Instant readers get one mail per article up to here; more at once become one digest. */
const MAX_INSTANT_MAILS = 3;

/** What decides what a reader is due. */
type DueReader = Pick<Reader, 'watermark' | 'topics' | 'nextDueAt'> &
  Partial<Pick<Reader, 'isCatchingUp' | 'atMostDaily'>> &
  CadenceSettings;

/**
 * What a reader gets now.
 * @param released released articles of her publication in order of their numbers
 * @param mailed ids of articles above her watermark that were mailed to her already
 */
export function computeDue(
  reader: DueReader,
  released: readonly ReleasedArticle[],
  mailed: ReadonlySet<string>,
  now: Date,
): Due {
  return computeDueDigests(selectDueArticles(reader, released, mailed), reader, createCalendar(now));
}

/** The digests in which these articles, which the reader has not had, reach her. */
export function computeDueDigests(articles: NumberedArticle[], reader: DueReader, calendar: Calendar): Due {
  const { cadence, timezone } = reader;
  if (cadence !== 'instant') {
    // With nothing to read she is due again this period, if she has moved her hour to later.
    if (articles.length === 0) return { digests: [], nextDueAt: calendar.nextDueAt(reader) };
    const { key, closesAt } = calendar.periodDue(cadence, reader);
    return {
      digests: [{ cadence, period: key, closesAt, articles }],
      nextDueAt: calendar.nextDueAfterPeriod(reader),
    };
  }
  const maxMails = reader.isCatchingUp === true || reader.atMostDaily === true ? 0 : MAX_INSTANT_MAILS;
  if (articles.length <= maxMails) return { digests: articles.map(toInstantDigest), nextDueAt: null };
  const { key, closesAt } = calendar.today(timezone);
  return { digests: [{ cadence: 'daily', period: key, closesAt, articles }], nextDueAt: null };
}

/** The articles above her watermark that match her topics and that nobody has mailed her. */
export function selectDueArticles(
  reader: Pick<Reader, 'watermark' | 'topics'>,
  released: readonly ReleasedArticle[],
  mailed: ReadonlySet<string>,
): NumberedArticle[] {
  const isWanted = matchTopics(reader.topics);
  return released.filter(
    (article) => article.seq > reader.watermark && !mailed.has(article.id) && isWanted(article),
  );
}

/** Whether somebody who chose these topics gets an article; who chose none gets all. */
export function matchTopics(
  chosen: readonly string[],
): (article: Pick<ReleasedArticle, 'categories'>) => boolean {
  const topics = new Set(chosen.map(foldTopic));
  return ({ categories }) =>
    topics.size === 0 || categories.some((category) => topics.has(foldTopic(category)));
}

function toInstantDigest(article: NumberedArticle): DueDigest {
  return { cadence: 'instant', period: String(article.seq), closesAt: null, articles: [article] };
}
