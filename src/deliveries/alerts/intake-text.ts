import { describeFeedFailure } from '../../articles/feeds/describe-feed-failure.js';
import { describeNextPoll } from '../../articles/feeds/health.js';
import { describeHold } from '../../articles/release/describe-hold.js';
import { describeFeed } from '../../articles/release/hold.js';
import { formatDateTime } from '../../platform/text/format-dates.js';
import type { Attack } from '../../subscribers/attack/attack.js';
import type { CauseOf, AlertContent, AlertTextContext } from './content.js';

/** How many of many articles the mail offers to release. */
const SUGGESTED_RELEASE_COUNT = 3;

/** Articles that look unusual. */
export function describeHeldArticles(
  { hold }: CauseOf<'held-articles'>,
  { publication, t, words }: AlertTextContext,
): AlertContent {
  const { id, count, titles } = hold;
  const feed = describeFeed(hold);
  const more = count > titles.length ? [t('articles.more', { count: count - titles.length })] : [];
  return {
    subject: t('articles.subject', { publication: publication.name, count }),
    title: t('articles.title', { count }),
    says: [t('articles.what', { count }), t('articles.mail', { count })],
    reason: describeHold(hold, words),
    list: {
      lead: feed === null ? t('articles.pushed') : t('articles.feed', { feed }),
      items: [...titles, ...more],
    },
    choices: [t('articles.choices', { count })],
    path: `/operator/publications/${publication.slug}/articles/holds/${id}`,
    button: t('decide'),
    commands: [
      `release --held ${id} --all`,
      ...(count > SUGGESTED_RELEASE_COUNT
        ? [`release --held ${id} --newest ${SUGGESTED_RELEASE_COUNT}`]
        : []),
      `skip --held ${id}`,
    ].map((words) => `npx paperround article ${words}`),
  };
}

/** How many feeds a mail names. */
const MAX_FEEDS = 10;

/** Feeds that do not work. Their addresses stand in no command: what a site chose to be called is not for a shell. */
export function describeFailingFeeds(
  { feeds }: CauseOf<'failing-feeds'>,
  { publication, t }: AlertTextContext,
): AlertContent {
  const count = feeds.length;
  const more = count > MAX_FEEDS ? [t('feeds.more', { count: count - MAX_FEEDS })] : [];
  const named = feeds.slice(0, MAX_FEEDS).map((feed) => {
    const { url, failure, failingSince } = feed;
    const since = formatDateTime(failingSince, publication.timezone, 'en');
    const line =
      failure === null
        ? t('feeds.silent', { url, since })
        : t('feeds.named', { url, since, failure: describeFeedFailure(failure) });
    if (feed.goneAt !== null) return `${line} ${t('feeds.gone')}`;
    return feed.firstPollDone ? line : `${line} ${describeNextPoll(feed)}`;
  });
  const looked = feeds.filter(({ goneAt }) => goneAt === null);
  const isKnown = looked.some(({ firstPollDone }) => firstPollDone);
  return {
    subject: t('feeds.subject', { publication: publication.name, count }),
    title: t('feeds.title', { count }),
    says: [t('feeds.what', { count }), t('feeds.mail', { count }), ...(isKnown ? [t('feeds.back')] : [])],
    reason: null,
    list: { lead: t('feeds.lead'), items: [...named, ...more] },
    choices: [...(looked.length > 0 ? [t('feeds.fix', { count: looked.length })] : []), t('feeds.replace')],
    path: `/operator/publications/${publication.slug}#feeds`,
    button: t('look'),
    commands: [
      `npx paperround feed list --publication ${publication.slug}`,
      ...(count === 1 ? feeds : []).flatMap(({ id }) =>
        ['poll', 'remove'].map((word) => `npx paperround feed ${word} ${id}`),
      ),
    ],
  };
}

/** Far more sign-ups than readers. */
export function describeAttack(
  { attack, held }: CauseOf<'attack'>,
  { publication, t }: AlertTextContext,
): AlertContent {
  const { forms, refused } = attack;
  return {
    subject: t('attack.subject', { publication: publication.name }),
    title: t('attack.title'),
    says: [
      attack.cause === 'refusals' ? t('attack.refusals', { forms, refused }) : describeFlood(attack, t),
      t('attack.mail'),
      ...(held > 0 ? [t('attack.held', { count: held })] : []),
    ],
    reason: null,
    choices: [t('attack.review'), t('attack.off')],
    path: `/operator/publications/${publication.slug}/readers/held`,
    button: t('decide'),
    commands: ['held', 'release --all', 'drop --all'].map(
      (words) => `npx paperround subscriber ${words} --publication ${publication.slug}`,
    ),
  };
}

function describeFlood({ forms, usual }: Attack, t: AlertTextContext['t']): string {
  return usual < 1
    ? t('attack.floodAfterNone', { forms })
    : t('attack.flood', { forms, usual: Math.round(usual) });
}
