import { changedFields } from '../../operators/activity/changed-fields.js';
import { recordActivities, type Change } from '../../operators/activity/record-activity.js';
import { bySystem } from '../../platform/actor.js';
import type { Tx } from '../../platform/db/database.js';
import type { Article } from '../article.js';
import type { KnownItem } from './items.js';

/**
 * Records new titles and addresses of known articles. Texts are left out: some feeds change theirs with each poll. What an
 * operator took back is not corrected.
 */
export function recordCorrections(
  tx: Tx,
  publicationId: string,
  items: readonly KnownItem[],
  now: Date,
): Promise<void> {
  const changes = items
    .filter(({ article }) => article.state !== 'retracted' || article.retraction === 'vanished')
    .flatMap(({ item, article }): Change[] => {
      const { title, url = null } = item;
      const changed = changedFields({ title: article.title, url: article.url }, { title, url });
      const change = { kind: 'article.corrected' as const, publicationId, subjectId: article.id };
      return changed === undefined ? [] : [{ ...change, ...changed }];
    });
  return recordActivities(tx, bySystem(now), changes);
}

/** Records that a feed shows articles again that had vanished from it. */
export function recordReappeared(
  tx: Tx,
  state: 'waiting' | 'held',
  articles: readonly Pick<Article, 'id' | 'publicationId'>[],
  now: Date,
): Promise<void> {
  const kind = 'article.reappeared' as const;
  const changes = articles.map(({ id, publicationId }) => ({
    kind,
    publicationId,
    subjectId: id,
    after: { state },
  }));
  return recordActivities(tx, bySystem(now), changes);
}
