import { countEventsOfDigest } from '../events/reads.js';
import type { EventClass } from '../events/event.js';
import type { Context } from '../platform/context.js';
import { redactAddresses } from '../platform/text/redact.js';
import { maskAddress } from '../subscribers/address.js';
import { listEventsWithReaders, type EventWithReader } from './reads.js';

/** Of a digest: whose mail was accepted and then bounced, or was marked as spam. */
export type EventGroup = { kind: 'bounced' | 'complained'; count: number; readers: EventWithReader[] };

const CLASSES: Readonly<Record<EventGroup['kind'], readonly EventClass[]>> = {
  bounced: ['hard', 'soft', 'sender-fault'],
  complained: ['complaint'],
};
const MAX_READERS = 50;

/** The groups that somebody is in, each with its first readers; of several events of one reader the last. */
export async function readEventsOfDigest(
  { db }: Pick<Context, 'db'>,
  digestId: string,
): Promise<EventGroup[]> {
  const counts = await countEventsOfDigest(db, digestId);
  const groups: EventGroup[] = [];
  for (const kind of ['bounced', 'complained'] as const)
    if (counts[kind] > 0) {
      const readers = await listEventsWithReaders(db, {
        digestId,
        classes: CLASSES[kind],
        limit: MAX_READERS,
      });
      groups.push({ kind, count: counts[kind], readers });
    }
  return groups;
}

/** For whoever may see no address of a reader: only its domain, and no address in the words. */
export function maskEvent(event: EventWithReader): EventWithReader {
  const { email, reason } = event;
  return { ...event, email: email && maskAddress(email), reason: reason && redactAddresses(reason) };
}
