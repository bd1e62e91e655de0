import type { Request, Response } from 'express';
import { z } from 'zod';
import { articleStates } from '../../../articles/article.js';
import { listFeeds } from '../../../articles/feeds/reads.js';
import { describeHoldReason } from '../../../articles/release/describe-hold.js';
import { listArticleLines, type ArticleLine } from '../../../dashboard/reads.js';
import type { Context } from '../../../platform/context.js';
import { MINUTE_MS } from '../../../platform/durations.js';
import { countNoun } from '../../../platform/text/count-noun.js';
import { formatDateTime, formatWeekdayTime } from '../../../platform/text/format-dates.js';
import { publicationDeskOf, sendDeskPage } from '../frame/desk.js';
import { findFlash } from '../frame/flash.js';
import { ARTICLE_STATES, articleFlashes, describeArticle } from './article-words.js';

const PAGE_SIZE = 25;

type ListContext = Pick<Context, 'db' | 'now' | 'templates'>;

const listQuery = z.object({
  state: z.enum(articleStates).optional().catch(undefined),
  before: z.uuid().optional().catch(undefined),
});

/** Articles of a state or of all, the newest first. */
export async function showArticleList(context: ListContext, req: Request, res: Response): Promise<void> {
  const { publication } = publicationDeskOf(res);
  const { state, before } = listQuery.parse(req.query);
  const where = { publicationId: publication.id, state, before, limit: PAGE_SIZE + 1 };
  const lines = await listArticleLines(context.db, where);
  const shown = lines.slice(0, PAGE_SIZE);
  const isEmpty = shown.length === 0 && before === undefined;
  return sendDeskPage(context, res, 'dashboard-articles', {
    flash: findFlash(articleFlashes, req.query['done']),
    filters: filtersFor(state),
    state: state ?? null,
    articles: shown.map((line) => describeLine(context, line, publication.timezone)),
    before: before ?? null,
    next: lines.length > PAGE_SIZE ? shown.at(-1)?.id : null,
    nothing: isEmpty ? await describeNothing(context, publication.id, state) : null,
  });
}

function filtersFor(state: ArticleLine['state'] | undefined) {
  const named = articleStates.map((each) => ({
    label: each === 'released' ? 'Mailed or due' : ARTICLE_STATES[each].name,
    query: `?state=${each}`,
    state: each,
  }));
  return [{ label: 'New', query: '', state: undefined }, ...named].map(({ state: each, ...filter }) => ({
    ...filter,
    current: each === state,
  }));
}

function describeLine({ now, templates }: ListContext, line: ArticleLine, timezone: string) {
  const { id, title, state, reason, publishedAt, firstSeenAt } = line;
  const formatTime = (moment: Date) => formatWeekdayTime(moment, timezone, 'en');
  return {
    id,
    title,
    state,
    ...ARTICLE_STATES[state],
    // Of what is mailed or not the word beside it says enough.
    sentence:
      state === 'waiting' || state === 'held' || line.retraction === 'vanished'
        ? describeArticle({ ...line, holdReason: reason }, { now: now(), formatTime })
        : null,
    why: reason === null ? null : describeHoldReason(reason, templates.operatorWords),
    date: formatDateTime(publishedAt ?? firstSeenAt, timezone, 'en'),
  };
}

/** "Feed read 4 minutes ago; nothing new since you added it." */
async function describeNothing(
  { db, now }: ListContext,
  publicationId: string,
  state: ArticleLine['state'] | undefined,
): Promise<string> {
  if (state !== undefined) return NOTHING[state];
  const polled = (await listFeeds(db, publicationId)).flatMap(({ lastPolledAt }) => lastPolledAt ?? []);
  const last = polled.toSorted((one, other) => other.getTime() - one.getTime())[0];
  if (last === undefined) return 'No article yet. They come from the feed of your site, or are added here.';
  const minutes = Math.max(0, Math.floor((now().getTime() - last.getTime()) / MINUTE_MS));
  const ago = minutes === 0 ? 'just now' : `${countNoun(minutes, 'minute')} ago`;
  return `Feed read ${ago}; nothing new since you added it.`;
}

const NOTHING: Record<ArticleLine['state'], string> = {
  waiting: 'Nothing waits. A new article waits here for its time before it goes out.',
  held: 'Nothing is held. An article that looks unusual, such as an old date or a repeated title, stops here first.',
  released: 'No article has gone out yet.',
  skipped: 'There is no article that counts as already sent.',
  retracted: 'Nothing was taken back.',
};
