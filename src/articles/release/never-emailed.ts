import { bySystem } from '../../platform/actor.js';
import { recordActivities } from '../../operators/activity/record-activity.js';
import type { Tx } from '../../platform/db/database.js';
import type { Publication } from '../../publications/publication.js';
import { markSkipped } from './writes.js';

/** With a category of this name a site says of one post that it is not to be emailed. */
const DONT_EMAIL = "don't email";

type Settings = Pick<Publication, 'neverEmailCategories'>;

/** Whether an article in these categories is mailed to nobody. */
export function isNeverEmailed(categories: readonly string[], { neverEmailCategories }: Settings): boolean {
  const never = new Set([DONT_EMAIL, ...neverEmailCategories].map(fold));
  return categories.some((category) => never.has(fold(category)));
}

/** Feeds write a category as its name or as its slug, with either apostrophe. */
function fold(category: string): string {
  return category
    .normalize('NFC')
    .trim()
    .toLowerCase()
    .replaceAll(/['’]/g, '')
    .replaceAll(/[\s_-]+/g, ' ');
}

/** Articles that came into such a category before they were out count as sent. */
export async function skipNeverEmailed(
  tx: Tx,
  publicationId: string,
  ids: readonly string[],
  now: Date,
): Promise<void> {
  if (ids.length === 0) return;
  const skipped = await markSkipped(tx, ids);
  const changes = skipped.map(({ id }) => ({
    kind: 'article.skipped' as const,
    publicationId,
    subjectId: id,
  }));
  await recordActivities(tx, bySystem(now), changes);
}
