import { findArticles } from '../articles/reads.js';
import type { DeliveryState } from '../deliveries/delivery.js';
import type { SkipReason } from '../deliveries/skip-reason.js';
import { selectDueArticles } from '../digests/calendar/due.js';
import { periodOf } from '../digests/calendar/period.js';
import { cadencesOf, type Digest, type DigestState } from '../digests/digest.js';
import { listArticleIds } from '../digests/reads.js';
import type { ActorKind } from '../platform/actor.js';
import type { Context } from '../platform/context.js';
import type { Cadence } from '../publications/publication.js';
import { nextDueAt } from '../subscribers/due/next-due.js';
import { isTombstone, type Subscription } from '../subscribers/subscription.js';
import { DIGEST_SPAN_MS } from './reader-timeline.js';
import { findReaderDelivery } from './reader-reads.js';
import { readReaderAt, type ReaderThen } from './reader-history.js';

/** The rule by which a reader got a digest, or did not. */
export type WhyDigest =
  | {
      rule: 'delivery';
      state: DeliveryState;
      skipReason: SkipReason | null;
      /** The server's words, or null. */
      answer: string | null;
      at: Date;
      nextAttemptAt: Date | null;
      digestState: DigestState;
      /** It was for an address that she has changed since. */
      hasMoved: boolean;
    }
  | { rule: 'not-begun'; state: 'held' | 'approved'; sendAt: Date | null }
  | { rule: 'cancelled' | 'erased' | 'nothing-new' | 'not-confirmed' }
  | { rule: 'superseded'; period: string }
  | { rule: 'joined-after'; joinedAt: Date; at: Date }
  | { rule: 'paused' | 'left'; since: Date | null; by: ActorKind | null }
  | { rule: 'other-rhythm'; cadence: Cadence }
  | { rule: 'other-language'; locale: string }
  | { rule: 'hour-to-come'; at: Date }
  | { rule: 'other-topics'; topics: string[] };

/** Says why she got this digest, or why not: from the ledger, and where she is not in it, from how she was then. */
export async function explainDigest(
  { db, now, hashAddress }: Pick<Context, 'db' | 'now' | 'hashAddress'>,
  reader: Subscription,
  digest: Digest,
): Promise<WhyDigest> {
  const delivery = await findReaderDelivery(db, digest.id, reader.id);
  if (delivery !== undefined) {
    const { addressHash, ...rest } = delivery;
    const hasMoved =
      addressHash !== null && !isTombstone(reader) && !hashAddress(reader.emailKey).equals(addressHash);
    return { rule: 'delivery', ...rest, digestState: digest.state, hasMoved };
  }
  const { state, sendAt, supersededBy } = digest;
  if (state === 'held' || state === 'approved') return { rule: 'not-begun', state, sendAt };
  if (supersededBy !== null) return { rule: 'superseded', period: supersededBy };
  if (isTombstone(reader)) return { rule: 'erased' };
  const at = momentOf(digest, reader);
  const then = await readReaderAt(db, reader, at);
  return (
    explainStatus(reader, then, at) ??
    explainChoices(digest, reader, then) ??
    explainHour(digest, at, now()) ??
    (await explainArticles(db, digest, then))
  );
}

/** When she would have been planned for it: at her hour in its period, or when it went. */
function momentOf({ cadence, period, createdAt, sentAt }: Digest, reader: Subscription): Date {
  if (cadence === 'instant' || cadence === 'operator') return sentAt ?? createdAt;
  const settings = { ...reader, cadence };
  let due = nextDueAt(settings, new Date(createdAt.getTime() - DIGEST_SPAN_MS));
  while (due !== null && due.getTime() < createdAt.getTime() + DIGEST_SPAN_MS) {
    if (periodOf(cadence, reader.timezone, due).key === period) return due;
    due = nextDueAt(settings, due);
  }
  return createdAt;
}

function explainStatus(
  { confirmedAt, createdAt }: Subscription,
  { status, since, by }: ReaderThen,
  at: Date,
): WhyDigest | undefined {
  if (status === 'confirmed') return undefined;
  if (status === 'paused') return { rule: 'paused', since, by };
  if (status === 'unsubscribed' && since !== null) return { rule: 'left', since, by };
  const joinedAt = confirmedAt ?? (createdAt > at ? createdAt : null);
  return joinedAt !== null && joinedAt > at
    ? { rule: 'joined-after', joinedAt, at }
    : { rule: 'not-confirmed' };
}

function explainChoices(
  { cadence, audience }: Digest,
  { locale }: Subscription,
  then: ReaderThen,
): WhyDigest | undefined {
  // Readers of each article get the daily digest where much comes at once.
  const rhythms: readonly Cadence[] =
    cadence === 'operator' ? cadencesOf(audience) : cadence === 'daily' ? ['daily', 'instant'] : [cadence];
  if (!rhythms.includes(then.cadence)) return { rule: 'other-rhythm', cadence: then.cadence };
  const { locale: language } = audience;
  return language === undefined || language === locale
    ? undefined
    : { rule: 'other-language', locale: language };
}

function explainHour({ state }: Digest, at: Date, now: Date): WhyDigest | undefined {
  if (state === 'cancelled') return { rule: 'cancelled' };
  return at > now ? { rule: 'hour-to-come', at } : undefined;
}

async function explainArticles(
  db: Context['db'],
  { id, audience }: Digest,
  { topics }: ReaderThen,
): Promise<WhyDigest> {
  const articles = await findArticles(db, await listArticleIds(db, id));
  const numbered = articles.map((article) => ({ ...article, seq: article.seq ?? 0 }));
  const wanted = audience.topics ?? topics;
  const matching = selectDueArticles({ watermark: -1, topics: wanted }, numbered, new Set());
  if (topics.length > 0 && articles.length > 0 && matching.length === 0)
    return { rule: 'other-topics', topics };
  return { rule: 'nothing-new' };
}
