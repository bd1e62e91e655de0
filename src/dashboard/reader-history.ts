import type { Activity } from '../operators/activity/activity.js';
import { listActivity } from '../operators/activity/reads.js';
import type { Db } from '../platform/db/database.js';
import type { ActorKind } from '../platform/actor.js';
import type { Cadence } from '../publications/publication.js';
import type { Subscription, SubscriptionStatus } from '../subscribers/subscription.js';

/** How a reader was at some moment. `since`, `by`: of the change that made it so; null: that is not on record. */
export type ReaderThen = {
  status: SubscriptionStatus;
  since: Date | null;
  by: ActorKind | null;
  cadence: Cadence;
  topics: string[];
};

/** What is looked at of a reader's changes: nobody has more. */
const MAX_CHANGES = 500;

const KINDS = [
  'subscription.confirmed',
  'subscription.confirmation-taken-back',
  'subscription.changed',
  'subscription.paused',
  'subscription.resumed',
  'subscription.unsubscribed',
  'subscription.restored',
  'subscription.blocked',
  'subscription.replaced',
  'subscription.erased',
] as const;

type Change = Activity<(typeof KINDS)[number]>;

/** How she was at a moment, worked out from her recorded changes; where none tell, as she is now. */
export async function readReaderAt(db: Db, reader: Subscription, at: Date): Promise<ReaderThen> {
  const page = { before: undefined, limit: MAX_CHANGES };
  const changes = (await listActivity(db, { subjectId: reader.id, kinds: KINDS }, page)) as Change[];
  const later = changes.filter(({ createdAt }) => createdAt > at).toReversed();
  return {
    ...statusAt(reader, changes, later, at),
    cadence: (earliest(later, 'cadence') as Cadence | undefined) ?? reader.cadence,
    topics: (earliest(later, 'topics') as string[] | undefined) ?? reader.topics,
  };
}

function statusAt(
  reader: Subscription,
  changes: readonly Change[],
  later: readonly Change[],
  at: Date,
): Pick<ReaderThen, 'status' | 'since' | 'by'> {
  const last = changes.find((change) => change.createdAt <= at && statusAfter(change) !== undefined);
  if (last !== undefined)
    return { status: statusAfter(last) ?? 'confirmed', since: last.createdAt, by: last.actor.kind };
  const next = later.map(statusBefore).find((status) => status !== undefined);
  if (next !== undefined) return { status: next, since: null, by: null };
  const { confirmedAt, status, pausedAt, unsubscribedAt } = reader;
  if (confirmedAt === null || confirmedAt > at) return { status: 'pending', since: null, by: null };
  if (status === 'paused' && pausedAt !== null && pausedAt <= at)
    return { status, since: pausedAt, by: null };
  if (status === 'unsubscribed' && unsubscribedAt !== null && unsubscribedAt <= at)
    return { status, since: unsubscribedAt, by: null };
  return { status: 'confirmed', since: confirmedAt, by: null };
}

function statusAfter({ kind, after }: Change): SubscriptionStatus | undefined {
  switch (kind) {
    case 'subscription.confirmed':
    case 'subscription.resumed':
      return 'confirmed';
    case 'subscription.paused':
      return 'paused';
    case 'subscription.restored':
    case 'subscription.confirmation-taken-back':
      return (after as { status: SubscriptionStatus }).status;
    case 'subscription.unsubscribed':
    case 'subscription.blocked':
    case 'subscription.replaced':
    case 'subscription.erased':
      return 'unsubscribed';
    case 'subscription.changed':
      return undefined;
  }
}

function statusBefore({ kind, before }: Change): SubscriptionStatus | undefined {
  if (kind === 'subscription.paused') return 'confirmed';
  if (kind === 'subscription.resumed') return 'paused';
  if (kind === 'subscription.restored') return 'unsubscribed';
  return (before as { status?: SubscriptionStatus } | null)?.status;
}

/** What a choice was before the first of these changes that named it. */
function earliest(later: readonly Change[], name: 'cadence' | 'topics'): unknown {
  return later
    .filter(({ kind }) => kind === 'subscription.changed')
    .map(({ before }) => (before as Record<string, unknown> | null)?.[name])
    .find((value) => value !== undefined);
}
