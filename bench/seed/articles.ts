import { actingAs } from '../../src/platform/actor.js';
import { pushArticle } from '../../src/articles/ingest/push-article.js';
import { releaseDueArticles } from '../../src/articles/release/release-due.js';
import { createLog } from '../../src/platform/log.js';
import type { Context } from '../../src/platform/context.js';
import { createPublication } from '../../src/publications/change-publication.js';
import { newPublicationSchema, type Publication } from '../../src/publications/publication.js';
import { findPublication } from '../../src/publications/reads.js';
import { writeHtml, writeTitle } from '../support/sample-text.js';

/** 24 topics with nine of the 15 articles in each: 24 different lists of about the same length. */
export const topics = Array.from({ length: 24 }, (_, at) => `topic-${at + 1}`);
export const ARTICLE_COUNT = 15;
const ARTICLES_PER_TOPIC = 9;

/** In characters. With it the mean digest is about 25 KB on the wire. */
const ARTICLE_LENGTH = 665;

type SeedContext = Pick<Context, 'db' | 'now'>;
const log = createLog('silent');

/** A newsletter without a hold window. */
export async function seedPublication(context: SeedContext, slug: string): Promise<Publication> {
  const settings = newPublicationSchema.parse({
    slug,
    name: 'The Bench Post',
    siteUrl: 'https://bench.example',
    fromName: 'The Bench Post',
    fromAddress: `${slug}@bench.example`,
    postalAddress: '1 Bench Street, Exampletown',
    contact: 'editor@bench.example',
    holdMinutes: 0,
    contentMode: 'full',
    topics,
  });
  const created = await createPublication(actingAs(context, { kind: 'system' }), settings);
  if (created.kind !== 'created') throw new Error(`There is a publication ${slug} already.`);
  return reloadPublication(context, created.id);
}

/** Pushes and releases the 15 articles, as a publisher does. */
export async function seedArticles(context: SeedContext, publication: Publication): Promise<void> {
  for (let at = 0; at < ARTICLE_COUNT; at += 1) {
    const categories = topics.filter((_, topic) => articlesOfTopic(topic).includes(at));
    await pushSampleArticle(context, publication, at, categories);
  }
  await releaseDueArticles({ ...context, log }, publication.id);
}

/** One article that is in every topic: the first, or one beside the fifteen. */
export async function seedArticleForAll(
  context: SeedContext,
  publication: Publication,
  at = 0,
): Promise<void> {
  await pushSampleArticle(context, publication, at, topics);
  await releaseDueArticles({ ...context, log }, publication.id);
}

/** It waits to be released. */
export async function pushSampleArticle(
  context: SeedContext,
  publication: Publication,
  at: number,
  categories: string[],
): Promise<void> {
  await pushArticle(actingAs(context, { kind: 'system' }), publication, {
    url: `https://bench.example/${publication.slug}/articles/${at + 1}`,
    title: writeTitle(at + 1),
    content: writeHtml(at + 1, ARTICLE_LENGTH),
    authors: ['Ada Example'],
    categories,
  });
}

/** Consecutive articles for the first topics, every second one for the rest. */
function articlesOfTopic(topic: number): number[] {
  const stride = topic < ARTICLE_COUNT ? 1 : 2;
  return Array.from({ length: ARTICLES_PER_TOPIC }, (_, next) => (topic + next * stride) % ARTICLE_COUNT);
}

export async function reloadPublication({ db }: SeedContext, id: string): Promise<Publication> {
  const publication = await findPublication(db, id);
  if (publication === undefined) throw new Error('The publication is gone.');
  return publication;
}
