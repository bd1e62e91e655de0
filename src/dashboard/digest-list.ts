import { countDeliveriesOfEach } from '../deliveries/reads.js';
import { NO_DELIVERIES, type DeliveryCounts } from '../deliveries/delivery.js';
import type { Digest } from '../digests/digest.js';
import { digestName } from '../digests/display-name.js';
import { listDigestsPage, listSubjects } from '../digests/reads.js';
import type { Context } from '../platform/context.js';
import { truncatedTags } from '../platform/text/language-tag.js';
import type { Publication } from '../publications/publication.js';

/** One digest in a list of them. */
export type DigestLine = Digest & { name: string; counts: DeliveryCounts };

/** One page of a publication's digests, newest first. `next`: the id after which the next page begins. */
export async function readDigestList(
  { db, templates }: Pick<Context, 'db' | 'templates'>,
  { id, locale }: Pick<Publication, 'id' | 'locale'>,
  { before, limit }: { before: string | undefined; limit: number },
): Promise<{ lines: DigestLine[]; next: string | null }> {
  const found = await listDigestsPage(db, id, before, limit + 1);
  const digests = found.slice(0, limit);
  const ids = digests.map((digest) => digest.id);
  const subjects = await listSubjects(db, ids, truncatedTags(locale));
  const counts = await countDeliveriesOfEach(db, ids);
  const lines = digests.map((digest) => ({
    ...digest,
    name: digestName(digest, subjects.get(digest.id) ?? digest.subject, templates.operatorWords),
    counts: counts.get(digest.id) ?? NO_DELIVERIES,
  }));
  return { lines, next: found.length > limit ? (ids.at(-1) ?? null) : null };
}
