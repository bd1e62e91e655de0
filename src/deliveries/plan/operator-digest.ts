import { releaseDueArticles } from '../../articles/release/release-due.js';
import { endPlanning } from '../../digests/open/join-digest.js';
import { createOperatorDigest } from '../../digests/open/create-operator-digest.js';
import { findDigest } from '../../digests/reads.js';
import { DEFAULT_ORDER, type Digest, type DigestOrder } from '../../digests/digest.js';
import { startSending } from '../../digests/change-state.js';
import type { VariantIdCache } from '../../digests/open/variants.js';
import type { Context } from '../../platform/context.js';
import { MINUTE_MS } from '../../platform/durations.js';
import type { Tx } from '../../platform/db/database.js';
import { beginIsolatedRun } from '../../platform/jobs/isolated-run.js';
import { enqueue } from '../../platform/jobs/outbox.js';
import { sendsDigests, type Publication } from '../../publications/publication.js';
import { findPublication } from '../../publications/reads.js';
import { lockReadersBehind } from '../../subscribers/due/reads.js';
import { CHUNK_SIZE } from '../chunks.js';
import { forecastDigest, type Forecast } from './forecast.js';
import { holdOperatorDigest } from './hold-operator-digest.js';
import { selectAudience, watermarkLimit } from './select-audience.js';
import { recordReadersJoined, queueDeliveries } from './queue-deliveries.js';
import { createSuppressedFinder } from './suppressed-readers.js';
import { readersById, forEachReaderChunk } from './for-each-reader-chunk.js';

export type SendDigestResult =
  | { kind: 'sending'; digestId: string; forecast: Forecast }
  | { kind: 'nobody-due' }
  /** The publication is being set up. Nothing was made. */
  | { kind: 'not-live' };

/** For whoever ordered a digest of one that is not live. */
export const NOT_LIVE =
  'This newsletter is not live yet, so no digest was made. Finish its set-up at /operator, and press “Go live”.';

/** What clocks of two machines differ by, and a request takes. */
const MAX_CLOCK_DIFFERENCE_MS = MINUTE_MS;

/** Whether a time to send at has passed: nobody means that, and it would be sent at once. */
export function isOver(sendAt: Date, now: Date): boolean {
  return sendAt.getTime() < now.getTime() - MAX_CLOCK_DIFFERENCE_MS;
}

/**
 * An operator sends: every confirmed reader gets what she is due, whatever her cadence, or the articles and words of the
 * order. Watermarks stay, and planning later leaves out what this brought her, so doing it twice mails nobody twice.
 * @param order.sendAt now when absent; who gets what is worked out then
 */
export async function sendOperatorDigest(
  context: Pick<Context, 'db' | 'now' | 'actor' | 'links'>,
  publicationId: string,
  { sendAt = context.now(), ...wishes }: Partial<DigestOrder> & { sendAt?: Date | undefined } = {},
): Promise<SendDigestResult> {
  const { db, now, links } = context;
  const order = { ...DEFAULT_ORDER, ...wishes };
  if ((await findPublication(db, publicationId))?.liveAt === null) return { kind: 'not-live' };
  const expected = await forecastDigest(context, publicationId, order);
  if (expected.readers === 0 && !expected.more && sendAt <= now()) return { kind: 'nobody-due' };
  const digest = await db.transaction(async (tx) => {
    const row = await createOperatorDigest(tx, context, {
      ...order,
      publicationId,
      keyId: links.keyId,
      sendAt,
    });
    await enqueue(tx, 'plan-digest', { digestId: row.id }, now(), sendAt);
    return row;
  });
  return { kind: 'sending', digestId: digest.id, forecast: expected };
}

/**
 * Finds the readers of an operator's digest. Running it again adds only those it had not reached; it does so itself while
 * the digest lives, for readers who could not be planned.
 */
export async function planOperatorDigest(
  context: Pick<Context, 'db' | 'now' | 'log' | 'templates'>,
  digestId: string,
): Promise<void> {
  const { db, now } = context;
  const digest = await findDigest(db, digestId);
  // Late together after an outage: what was to be released before it is in it.
  if (digest !== undefined) await releaseDueArticles(context, digest.publicationId);
  const publication = digest && (await findPublication(db, digest.publicationId));
  if (digest === undefined || publication === undefined || !mayPlan(digest, publication)) return;
  if (digest.state === 'approved' && digest.sendAt !== null && digest.sendAt > now())
    return planLater(context, digestId, digest.sendAt);
  if (digest.state === 'approved' && (await holdOperatorDigest({ db, now }, digest, publication))) return;
  const { id: publicationId } = publication;
  const seq = watermarkLimit(digest, publication);
  await db.transaction((tx) => startSending(tx, digestId, now()));
  // An operator has held it meanwhile.
  if (!isStillSending(await findDigest(db, digestId))) return;
  const next = readersById((tx, after) =>
    lockReadersBehind(tx, { publicationId, seq, after, limit: CHUNK_SIZE }),
  );
  const nextUnlessCancelled = async (tx: Tx) =>
    isStillSending(await findDigest(tx, digestId)) ? next(tx) : undefined;
  const pass = {
    variants: new Map() as VariantIdCache,
    findSuppressed: createSuppressedFinder(publicationId),
  };
  const run = await beginIsolatedRun(context, 'plan-digest', { publicationId, tryAll: true });
  const failed = await forEachReaderChunk(db, run, nextUnlessCancelled, async (tx, readers) => {
    const selected = await selectAudience(tx, publicationId, digest, readers);
    if (selected.length === 0) return;
    const planned = selected.map(({ reader: { id, locale, format, withoutPictures }, articles }) => ({
      reader: {
        id,
        locale: context.templates.resolveLocale(locale, publication.locale),
        format,
        withoutPictures,
      },
      articles,
    }));
    await queueDeliveries(tx, { digestId, readers: planned, ...pass }, now());
    await recordReadersJoined(tx, [digest], now());
  });
  const retryAt = earliest(failed, digest.expiresAt);
  await db.transaction(async (tx) => {
    if (retryAt === undefined) await endPlanning(tx, digestId, now());
    else await enqueue(tx, 'plan-digest', { digestId }, now(), retryAt);
  });
}

/** An operator has moved it to a later time, or this machine's clock is behind. */
function planLater({ db, now }: Pick<Context, 'db' | 'now'>, digestId: string, sendAt: Date): Promise<void> {
  return db.transaction((tx) => enqueue(tx, 'plan-digest', { digestId }, now(), sendAt));
}

/** When to look again for readers who could not be planned; undefined: there are none, or not while the digest lives. */
function earliest(failed: readonly { retryAt: Date | null }[], before: Date): Date | undefined {
  const times = failed.flatMap(({ retryAt }) => (retryAt === null ? [] : [retryAt.getTime()]));
  const first = Math.min(...times);
  return first < before.getTime() ? new Date(first) : undefined;
}

/** An operator may cancel it while its readers are being found. */
function isStillSending(digest: Pick<Digest, 'state'> | undefined): boolean {
  return digest?.state === 'sending' || digest?.state === 'paused';
}

function mayPlan({ state, closesAt }: Digest, publication: Publication): boolean {
  return sendsDigests(publication) && closesAt === null && ['approved', 'sending', 'paused'].includes(state);
}
