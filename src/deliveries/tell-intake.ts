import { feedOf } from '../articles/hold.js';
import { momentInWords } from '../platform/locales.js';
import type { Of, Told, Wording } from './told.js';

/** How many of many she is offered to release. */
const FEW = 3;

/** Articles that look unusual. */
export function tellArticles({ hold }: Of<'held-articles'>, { publication, t }: Wording): Told {
  const { id, count, reason, titles } = hold;
  const feed = feedOf(hold);
  const more = count > titles.length ? [t('articles.more', { count: count - titles.length })] : [];
  return {
    subject: t('articles.subject', { publication: publication.name, count }),
    title: t('articles.title', { count }),
    says: [t('articles.what', { count }), t('articles.mail', { count })],
    reason,
    list: {
      lead: feed === null ? t('articles.pushed') : t('articles.feed', { feed }),
      items: [...titles, ...more],
    },
    choices: [t('articles.choices', { count })],
    path: `/operator/holds/${id}`,
    button: t('decide'),
    commands: [
      `release --held ${id} --all`,
      ...(count > FEW ? [`release --held ${id} --newest ${FEW}`] : []),
      `skip --held ${id}`,
    ].map((words) => `npx paperround article ${words}`),
  };
}

/** A feed that does not work. Its address stands in no command: what a site chose to be called is not for a shell. */
export function tellFeed({ feed }: Of<'failing-feed'>, { publication, t }: Wording): Told {
  const since = momentInWords(feed.failingSince, publication.timezone, 'en');
  return {
    subject: t('feed.subject', { publication: publication.name }),
    title: t('feed.title'),
    says: [t('feed.what', { url: feed.url, since }), t('feed.mail')],
    reason: feed.failure,
    choices: [t('feed.mend'), t('feed.replace')],
    path: `/operator?publication=${publication.slug}#feeds`,
    button: t('look'),
    commands: [`npx paperround feed remove ${feed.id}`],
  };
}

/** Far more sign-ups than readers. */
export function tellAttack({ attack, held }: Of<'attack'>, { publication, t }: Wording): Told {
  const { forms, refused } = attack;
  const usual = attack.usual < 1 ? 'fewer than one' : `about ${Math.round(attack.usual)}`;
  return {
    subject: t('attack.subject', { publication: publication.name }),
    title: t('attack.title'),
    says: [
      attack.cause === 'refusals'
        ? t('attack.refusals', { forms, refused })
        : t('attack.flood', { forms, usual }),
      t('attack.mail'),
      ...(held > 0 ? [t('attack.held', { count: held })] : []),
    ],
    reason: null,
    choices: [t('attack.review'), t('attack.off')],
    path: `/operator/sign-ups?publication=${publication.slug}`,
    button: t('decide'),
    commands: ['held', 'release --all', 'drop --all'].map(
      (words) => `npx paperround subscriber ${words} --publication ${publication.slug}`,
    ),
  };
}
