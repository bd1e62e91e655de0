import { NO_DELIVERIES, type DeliveryCounts } from '../deliveries/delivery.js';
import { countDeliveriesOfEach } from '../deliveries/reads.js';
import type { Digest } from '../digests/digest.js';
import { describeStateReason } from '../digests/state-reason.js';
import { listDigests, listSubjects } from '../digests/reads.js';
import type { Context } from '../platform/context.js';
import { truncatedTags } from '../platform/text/language-tag.js';
import { findPublication } from '../publications/reads.js';

export type DigestSummary = Pick<
  Digest,
  'id' | 'cadence' | 'period' | 'state' | 'sendAt' | 'sentAt' | 'createdAt'
> & {
  /** Why it is held or paused, in sentences. */
  reason: string | null;
  /** Undefined until the first mail of it was rendered. */
  subject: string | undefined;
  counts: DeliveryCounts;
};

/** The newest digests with their delivery counts, newest first. */
export async function summariseDigests(
  context: Pick<Context, 'db' | 'templates'>,
  publicationId: string,
  limit: number,
): Promise<DigestSummary[]> {
  return summariseAll(context, await listDigests(context.db, publicationId, limit));
}

/** Digests of one publication with their delivery counts, in their order. */
export async function summariseAll(
  { db, templates }: Pick<Context, 'db' | 'templates'>,
  digests: readonly Digest[],
): Promise<DigestSummary[]> {
  const [first] = digests;
  if (first === undefined) return [];
  const ids = digests.map(({ id }) => id);
  const publication = await findPublication(db, first.publicationId);
  const subjects = await listSubjects(db, ids, truncatedTags(publication?.locale ?? ''));
  const counts = await countDeliveriesOfEach(db, ids);
  return digests.map((digest) => {
    const { id, cadence, period, state, sendAt, sentAt, createdAt } = digest;
    const reason = describeStateReason(digest, templates.operatorWords);
    const known = { subject: subjects.get(id), counts: counts.get(id) ?? NO_DELIVERIES };
    return { id, cadence, period, state, reason, sendAt, sentAt, createdAt, ...known };
  });
}

export async function summariseDigest(
  context: Pick<Context, 'db' | 'templates'>,
  digest: Digest,
): Promise<DigestSummary> {
  const [summary] = await summariseAll(context, [digest]);
  if (summary === undefined) throw new Error('A digest was not summarised');
  return summary;
}
