import { loadVariantTemplate } from '../../digests/compose/render-variant.js';
import { isExpired, type Digest } from '../../digests/digest.js';
import { findDigest } from '../../digests/reads.js';
import type { Tx } from '../../platform/db/database.js';
import { MINUTE_MS } from '../../platform/durations.js';
import { domainOf } from '../../platform/mail/address.js';
import type { MessageTemplate, Sign } from '../../platform/mail/mime/message-template.js';
import type { Publication } from '../../publications/publication.js';
import { findPublication } from '../../publications/reads.js';
import type { Recipient } from '../../subscribers/reads.js';
import { loadSigner } from '../../transports/dkim/load-signer.js';
import type { Lease } from '../batches/lease.js';
import { subscriptionIdsOf, UNCERTAIN_WAIT_MS, type AttemptKey, type BatchKey } from '../delivery.js';
import { countMailboxReplies } from '../record-attempts.js';
import { checkEligibility, type Eligibility } from './eligibility.js';
import { lowerWatermarksForCatchUp } from './lower-watermarks.js';
import { listDue, listUncertainDue, listWaitingForEarlier, type DueDelivery } from './reads.js';
import type { Route } from './route.js';
import { isStopped } from './stop-when-paused.js';
import type { WorkerContext } from './worker-context.js';
import { markSending, markSkipped, postpone, stopResending } from './writes.js';

const EARLIER_DIGEST_WAIT_MS = 15 * MINUTE_MS;

/** A delivery that is being sent. */
export type ClaimedDelivery = AttemptKey & { variantId: string; deferrals: number; reader: Recipient };

/** A second's work, claimed for one mail server. `checkedAt`: when its readers' eligibility was checked. */
export type Chunk = {
  digest: Digest;
  publication: Publication;
  claimed: ClaimedDelivery[];
  sign: Sign | undefined;
  templates: ReadonlyMap<string, MessageTemplate>;
  checkedAt: Date;
};

/**
 * queued, deferred or uncertain -> sending, for as many due deliveries of a batch as there are permits; skips those whose
 * readers no longer want mail. Undefined: nothing is due, the lease is lost, or the digest was stopped.
 */
export async function claimChunk(
  context: WorkerContext,
  lease: Lease,
  route: Route,
): Promise<Chunk | undefined> {
  const { db, now } = context;
  const chunk = await db.transaction(async (tx) => {
    if (!(await lease.renew(tx))) return undefined;
    const digest = await findDigest(tx, lease.batch.digestId);
    const publication = digest && (await findPublication(tx, digest.publicationId));
    if (digest === undefined || publication === undefined || isStopped(digest)) return undefined;
    const due = await listClaimable(tx, context, lease, digest, route.permits);
    if (due.length === 0) return undefined;
    const claimed = await claimDeliveries(tx, context, { publication, digest, lease, route }, due);
    return { digest, publication, claimed, checkedAt: now() };
  });
  if (chunk === undefined) return undefined;
  const signer = route.rewrites
    ? undefined
    : await loadSigner(context, domainOf(chunk.publication.fromAddress));
  return { ...chunk, templates: await loadTemplates(context, chunk), sign: signer?.sign };
}

/** Due deliveries first; then uncertain ones that their mail server's policy sends again, a limited number of times. */
async function listClaimable(
  tx: Tx,
  { now, router }: WorkerContext,
  { batch }: Lease,
  digest: Digest,
  limit: number,
): Promise<DueDelivery[]> {
  const due = await listDue(tx, batch, limit, now());
  if (due.length === limit || isExpired(digest, now())) return due;
  const before = new Date(now().getTime() - UNCERTAIN_WAIT_MS);
  const transportIds = await router.listResendingTransportIds();
  const uncertain = await listUncertainDue(tx, batch, { transportIds, before, limit: limit - due.length });
  return [...due, ...uncertain];
}

async function claimDeliveries(
  tx: Tx,
  context: WorkerContext,
  parts: { publication: Publication; digest: Digest; lease: Lease; route: Route },
  due: readonly DueDelivery[],
): Promise<ClaimedDelivery[]> {
  const { now } = context;
  const { digest, lease, route } = parts;
  const ids = due.map(({ subscriptionId }) => subscriptionId);
  const eligibilityOf = await checkEligibility(tx, context, parts, ids);
  const checked = due.map((row) => ({
    ...row,
    eligibility: requireSameAddress(row, eligibilityOf(row.subscriptionId)),
  }));
  await skipIneligible(tx, { digest, batch: lease.batch }, checked, now());
  const eligible = checked.flatMap(({ eligibility, ...row }) =>
    eligibility.kind === 'eligible' ? [{ ...row, ...eligibility }] : [],
  );
  const ready = await postponeWaiting(tx, lease.batch, eligible, now());
  const marked = await markSending(tx, lease.batch, route.transportId, ready, now());
  const attempts = new Map(marked.map(({ subscriptionId, attempt }) => [subscriptionId, attempt]));
  return ready.flatMap(({ subscriptionId, variantId, deferrals, reader }) => {
    const attempt = attempts.get(subscriptionId);
    return attempt === undefined ? [] : [{ subscriptionId, attempt, variantId, deferrals, reader }];
  });
}

/** An earlier digest that her server defers is tried alone; this one is looked at again after a while. */
async function postponeWaiting<Row extends AttemptKey>(
  tx: Tx,
  batch: BatchKey,
  rows: readonly Row[],
  now: Date,
): Promise<Row[]> {
  const found = await listWaitingForEarlier(tx, batch.digestId, subscriptionIdsOf(rows));
  if (found.length === 0) return [...rows];
  const waiting = new Set(found.map(({ subscriptionId }) => subscriptionId));
  await postpone(tx, batch, [...waiting], new Date(now.getTime() + EARLIER_DIGEST_WAIT_MS), now);
  return rows.filter(({ subscriptionId }) => !waiting.has(subscriptionId));
}

/** What may have arrived at her old address is not sent to her new one. */
function requireSameAddress({ addressHash }: DueDelivery, eligibility: Eligibility): Eligibility {
  if (eligibility.kind === 'skip' || addressHash === null || addressHash.equals(eligibility.addressHash))
    return eligibility;
  return { kind: 'skip', reason: 'address-changed' };
}

async function skipIneligible(
  tx: Tx,
  { digest, batch }: { digest: Digest; batch: BatchKey },
  checked: readonly (DueDelivery & { eligibility: Eligibility })[],
  now: Date,
): Promise<void> {
  const ineligible = checked.flatMap(({ eligibility, ...row }) =>
    eligibility.kind === 'skip' ? [{ ...row, reason: eligibility.reason }] : [],
  );
  const uncertain = ineligible.filter(({ state }) => state === 'uncertain');
  const paused = ineligible.filter(({ state, reason }) => state !== 'uncertain' && reason === 'paused');
  if (ineligible.length > 0) await markSkipped(tx, batch, ineligible, now);
  await lowerWatermarksForCatchUp(tx, digest, paused);
  const givenUp = ineligible.filter(({ state, reason }) => state === 'deferred' && reason === 'expired');
  const replies = { accepted: [], deferred: [], givenUp: subscriptionIdsOf(givenUp) };
  if (givenUp.length > 0) await countMailboxReplies(tx, batch, replies, now);
  if (uncertain.length > 0) await stopResending(tx, batch, uncertain);
}

/** Of each variant in the chunk; there are few, whatever the number of readers. */
async function loadTemplates(
  context: WorkerContext,
  { digest, publication, claimed }: Pick<Chunk, 'digest' | 'publication' | 'claimed'>,
): Promise<Map<string, MessageTemplate>> {
  const templates = new Map<string, MessageTemplate>();
  for (const variantId of new Set(claimed.map((row) => row.variantId))) {
    const load = () => loadVariantTemplate(context, publication, digest, variantId);
    templates.set(variantId, await context.loadTemplate(variantId, load));
  }
  return templates;
}
