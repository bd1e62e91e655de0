import { randomUUID } from 'node:crypto';
import type { Digest, RenderedVariant } from '../digests/digest.js';
import { findDigest } from '../digests/reads.js';
import { renderVariant } from '../digests/render.js';
import type { Context } from '../platform/context.js';
import type { Tx } from '../platform/db/database.js';
import { findPublication } from '../publications/reads.js';
import type { Publication } from '../publications/publication.js';
import { findSubscriptions, listSuppressed } from '../subscribers/reads.js';
import type { Subscription } from '../subscribers/subscription.js';
import { composeDigest } from './compose-digest.js';
import { afterBreather, endingOf, skipped, UNCERTAIN_WAIT_MS, type Ending } from './delivery.js';
import { leaseUntil, whileRenewing } from './renewing.js';
import {
  claimDeliveries,
  claimDoubtful,
  leaseBatch,
  markIntent,
  readRest,
  recordEnding,
  releaseBatch,
  renewBatch,
  type BatchKey,
  type Claimed,
} from './writes.js';

type SendContext = Omit<Context, 'fetchPage'>;

/**
 * Sends what is due of one batch. The job only wakes us; the lease makes us the one who sends, the ledger says what is
 * left. Running it twice, late, or beside another worker sends nothing twice.
 */
export async function sendBatch(context: SendContext, batch: BatchKey): Promise<void> {
  const { db, now, log } = context;
  const token = randomUUID();
  const lease = await db.transaction((tx) => leaseBatch(tx, batch, token, leaseUntil(now()), now()));
  if (lease === undefined) return;
  const renew = () => db.transaction((tx) => renewBatch(tx, batch, token, leaseUntil(now())));
  const onTrouble = (error: unknown) => log.warn({ event: 'batch.lease-not-renewed', ...batch, err: error });
  const broken = await whileRenewing(renew, onTrouble, () => sendAll(context, batch, renew));
  await db.transaction(async (tx) =>
    releaseBatch(tx, batch, token, await nextDue(tx, context, batch, broken)),
  );
}

/**
 * Group by group until nothing is due, the lease is lost, or we are asked to stop. Answers whether the way broke: of a
 * whole group nothing got through. What broke beside others that did not is tried again after them.
 */
async function sendAll(
  context: SendContext,
  batch: BatchKey,
  renew: () => Promise<number>,
): Promise<boolean> {
  const digest = await findDigest(context.db, batch.digestId);
  const publication = digest && (await findPublication(context.db, digest.publicationId));
  if (digest === undefined || publication === undefined) return false;
  const variants = rememberVariants(context, publication, digest);
  while (!context.stopping.aborted) {
    const group = await claimGroup(context, publication, digest, batch);
    if (group.claimed === 0) return false;
    const endings = await allOf(
      group.wanted.map((one) => sendOne(context, { publication, digest, variants, ...one })),
    );
    if (endings.length > 0 && endings.every((ending) => ending.state === 'queued')) return true;
    if ((await renew()) === 0) return false;
  }
  return false;
}

type Wanted = { row: Claimed; reader: Subscription; addressHash: Buffer };

/** Claims as many as there are connections, and in the same breath lets go of those who no longer want mail. */
function claimGroup(
  { db, now, hashAddress, mailer, config }: SendContext,
  publication: Publication,
  digest: Digest,
  batch: BatchKey,
): Promise<{ claimed: number; wanted: Wanted[] }> {
  return db.transaction(async (tx) => {
    const fresh = await claimDeliveries(tx, batch, config.workerConnections, now());
    const room = config.workerConnections - fresh.length;
    const doubtful = resends(mailer, digest, now())
      ? await claimDoubtful(tx, batch, room, new Date(now().getTime() - UNCERTAIN_WAIT_MS), now())
      : [];
    const rows = [...fresh, ...doubtful];
    const readers = new Map((await findSubscriptions(tx, idsOf(rows))).map((reader) => [reader.id, reader]));
    const hashes = new Map([...readers.values()].map((reader) => [reader.id, hashAddress(reader.emailKey)]));
    const suppressed = await listSuppressed(tx, publication.id, [...hashes.values()]);
    const wanted: Wanted[] = [];
    for (const row of rows) {
      const reader = readers.get(row.subscriptionId);
      const addressHash = hashes.get(row.subscriptionId);
      const reason =
        reasonToDrop(publication, digest, now()) ?? reasonToSkip(reader, addressHash, suppressed);
      if (reader !== undefined && addressHash !== undefined && reason === undefined) {
        wanted.push({ row, reader, addressHash });
      } else await recordEnding(tx, row, skipped(reason ?? 'erased'), now());
    }
    return { claimed: rows.length, wanted };
  });
}

/** Nobody wants it any more, whoever it is for. */
function reasonToDrop(publication: Publication, digest: Digest, now: Date): string | undefined {
  if (publication.archivedAt !== null) return 'archived';
  return digest.expiresAt <= now ? 'expired' : undefined;
}

function reasonToSkip(
  reader: Subscription | undefined,
  addressHash: Buffer | undefined,
  suppressed: ReadonlySet<string>,
): string | undefined {
  if (reader === undefined || addressHash === undefined) return 'erased';
  if (reader.status !== 'confirmed') return reader.status;
  return suppressed.has(addressHash.toString('hex')) ? 'suppressed' : undefined;
}

type Variants = (variantId: string) => Promise<RenderedVariant>;

/** A rendered variant never changes: it is read once a batch, not once a reader. */
function rememberVariants(context: SendContext, publication: Publication, digest: Digest): Variants {
  const known = new Map<string, Promise<RenderedVariant>>();
  return (variantId) => {
    const variant = known.get(variantId) ?? renderVariant(context, publication, variantId, digest);
    known.set(variantId, variant);
    return variant;
  };
}

type Sending = Wanted & { publication: Publication; digest: Digest; variants: Variants };

async function sendOne(context: SendContext, sending: Sending): Promise<Ending> {
  const { db, now, log } = context;
  const { row } = sending;
  const ending = await attempt(context, sending);
  await db.transaction((tx) => recordEnding(tx, row, ending, now()));
  log.info({
    event: `delivery.${ending.state}`,
    digestId: row.digestId,
    subscriptionId: row.subscriptionId,
    attempt: row.attempt,
  });
  return ending;
}

async function attempt(context: SendContext, sending: Sending): Promise<Ending> {
  const { db, now, mailer } = context;
  const { row, reader, publication, digest, addressHash } = sending;
  const variant = await sending.variants(row.variantId);
  const raw = await composeOr(context, () =>
    composeDigest(context, { publication, digest, variant, reader }),
  );
  if (raw === undefined) return skipped('could not be composed');
  const envelope = { from: publication.fromAddress, to: reader.email };
  const beforeDot = async () => (await db.transaction((tx) => markIntent(tx, row, addressHash, now()))) > 0;
  const outcome = await mailer.send({ envelope, raw }, { beforeDot });
  return endingOf(outcome, { attempt: row.attempt, expiresAt: digest.expiresAt }, now(), Math.random());
}

/** A mail that cannot be composed is a fault of ours in one row; the others of its group must not wait for it. */
async function composeOr(
  { log }: Pick<Context, 'log'>,
  compose: () => Promise<Buffer>,
): Promise<Buffer | undefined> {
  try {
    return await compose();
  } catch (error) {
    log.error({ event: 'delivery.not-composed', err: error });
    return undefined;
  }
}

/** Waits for all, also when one fails: nothing may go on behind the back of a lease that was given up. */
async function allOf<Result>(work: Promise<Result>[]): Promise<Result[]> {
  await Promise.allSettled(work);
  return Promise.all(work);
}

/** When this batch has something to do again; null when every delivery in it is final. */
async function nextDue(
  tx: Tx,
  { mailer, now }: Pick<SendContext, 'mailer' | 'now'>,
  batch: BatchKey,
  broken: boolean,
): Promise<Date | null> {
  const rest = await readRest(tx, batch);
  const digest = await findDigest(tx, batch.digestId);
  const expired = digest === undefined || digest.expiresAt <= now();
  const times: number[] = [];
  if (rest.queued > 0) times.push((broken ? afterBreather(now()) : now()).getTime());
  if (rest.nextAttemptAt !== null) times.push(rest.nextAttemptAt.getTime());
  if (rest.intentAt !== null && mailer.policy === 'resend' && !expired) {
    times.push(rest.intentAt.getTime() + UNCERTAIN_WAIT_MS);
  }
  return times.length === 0 ? null : new Date(Math.min(...times));
}

/** Under "hold" an operator decides; an old digest is not worth a second copy. */
function resends(mailer: Context['mailer'], digest: Digest, now: Date): boolean {
  return mailer.policy === 'resend' && digest.expiresAt > now;
}

function idsOf(rows: readonly Claimed[]): string[] {
  return rows.map((row) => row.subscriptionId);
}
