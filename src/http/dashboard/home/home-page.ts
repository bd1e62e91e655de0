import type { Home } from '../../../dashboard/home.js';
import { describeSendTime } from '../../../digests/send-time.js';
import type { Context } from '../../../platform/context.js';
import { formatDateTime, formatWeekdayTime } from '../../../platform/text/format-dates.js';
import type { TemplateData } from '../../../platform/templates/templates.js';
import type { Publication } from '../../../publications/publication.js';
import { isPage } from '../frame/access.js';
import { describeFigures, figuresOf } from '../digests/ledger-words.js';
import { articleRows } from './article-rows.js';
import { goingOutRows } from './going-out-rows.js';
import { describeNeeds } from './needs.js';
import { describeReaders } from './reader-figures.js';

/** What the first page shows, from its figures. */
export function describeHome(
  context: Pick<Context, 'templates' | 'now'>,
  publication: Publication,
  home: Home,
): TemplateData {
  return {
    needs: describeNeeds(context, publication, home),
    goingOut: goingOutRows(home.goingOut, publication, home.drafts),
    last: describeLast(context, publication, home),
    readers: describeReaders(home.readers),
    reasons: home.leaveReasons,
    newest: articleRows(context, home.newest, publication),
    articlesPath: isPage('/articles') ? '/articles' : null,
    writePath: isPage('/emails/new') ? '/emails/new' : null,
    feedSeen: describeFeedSeen(publication, home),
  };
}

function describeLast(
  { templates, now }: Pick<Context, 'templates' | 'now'>,
  { timezone }: Publication,
  { last }: Home,
): TemplateData | null {
  if (last === undefined) return null;
  const formatTime = (moment: Date) => formatDateTime(moment, timezone, 'en');
  return {
    ...last,
    subject: last.subject ?? 'Being prepared',
    figures: figuresOf(last.counts),
    sentence: describeFigures(last),
    sent: describeSendTime(last, { now: now(), formatTime, words: templates.operatorWords }),
  };
}

/** Where nothing has come yet. */
function describeFeedSeen({ timezone }: Publication, { feeds }: Home): string {
  if (feeds.length === 0) return 'No feed yet: new articles come from one.';
  const polled = feeds.flatMap(({ lastPolledAt }) => lastPolledAt ?? []);
  if (polled.length === 0) return 'The feed is looked at within seconds.';
  const last = new Date(Math.max(...polled.map((moment) => moment.getTime())));
  return `Feed read ${formatWeekdayTime(last, timezone, 'en')}; nothing new since you added it.`;
}
