import type { Article } from '../../../articles/article.js';
import { describeArticleHold } from '../../../articles/release/describe-hold.js';
import type { Context } from '../../../platform/context.js';
import { formatWeekdayTime } from '../../../platform/text/format-dates.js';
import type { TemplateData } from '../../../platform/templates/templates.js';
import type { Publication } from '../../../publications/publication.js';
import { isPage } from '../frame/access.js';

const STATES: Readonly<Record<Article['state'], { word: string; icon: string }>> = {
  waiting: { word: 'Waiting', icon: 'wait' },
  held: { word: 'Held', icon: 'stop' },
  released: { word: 'Out', icon: 'good' },
  skipped: { word: 'Not emailed', icon: 'skip' },
  retracted: { word: 'Taken back', icon: 'leave' },
};

/** The newest articles with what became of each. */
export function articleRows(
  { templates }: Pick<Context, 'templates'>,
  articles: readonly Article[],
  { timezone }: Publication,
): TemplateData[] {
  return articles.map((article) => ({
    title: article.title,
    path: findPage(article),
    url: article.url,
    ...STATES[article.state],
    about: describe(article, (moment) => formatWeekdayTime(moment, timezone, 'en'), templates.operatorWords),
  }));
}

function findPage({ id, state, holdId }: Article): string | null {
  if (isPage(`/articles/${id}`)) return `/articles/${id}`;
  return state === 'held' && holdId !== null ? `/articles/holds/${holdId}` : null;
}

function describe(
  article: Article,
  formatTime: (moment: Date) => string,
  words: Context['templates']['operatorWords'],
): string {
  const { state, releaseAt, firstSeenAt } = article;
  if (state === 'waiting') return `Goes out ${formatTime(releaseAt)}.`;
  const reason = describeArticleHold(article, words);
  const came = `Came ${formatTime(firstSeenAt)}.`;
  return reason === null ? came : `${reason} ${came}`;
}
