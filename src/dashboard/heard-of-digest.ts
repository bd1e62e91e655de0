import { countHeardOfDigest } from '../events/reads.js';
import type { EventClass } from '../events/event.js';
import type { Context } from '../platform/context.js';
import { redactAddresses } from '../platform/text/redact.js';
import { maskAddress } from '../subscribers/address.js';
import { listHeardWithReaders, type HeardWithReader } from './reads.js';

/** Of a digest: whose mail was accepted and then bounced, or was marked as spam. */
export type HeardGroup = { kind: 'bounced' | 'complained'; count: number; readers: HeardWithReader[] };

const CLASSES: Readonly<Record<HeardGroup['kind'], readonly EventClass[]>> = {
  bounced: ['hard', 'soft', 'sender-fault'],
  complained: ['complaint'],
};
const MAX_READERS = 50;

/** The groups that somebody is in, each with its first readers; of several events of one reader the last. */
export async function readHeardOfDigest(
  { db }: Pick<Context, 'db'>,
  digestId: string,
): Promise<HeardGroup[]> {
  const counts = await countHeardOfDigest(db, digestId);
  const groups: HeardGroup[] = [];
  for (const kind of ['bounced', 'complained'] as const)
    if (counts[kind] > 0) {
      const readers = await listHeardWithReaders(db, {
        digestId,
        classes: CLASSES[kind],
        limit: MAX_READERS,
      });
      groups.push({ kind, count: counts[kind], readers });
    }
  return groups;
}

/** For whoever may see no address of a reader: only its domain, and no address in the words. */
export function maskHeard(heard: HeardWithReader): HeardWithReader {
  const { email, reason } = heard;
  return { ...heard, email: email && maskAddress(email), reason: reason && redactAddresses(reason) };
}
