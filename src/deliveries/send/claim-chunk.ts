import { isExpired, type Digest } from '../../digests/digest.js';
import { findDigest } from '../../digests/reads.js';
import type { Tx } from '../../platform/db/database.js';
import { workOnRows } from '../../platform/db/work-on-rows.js';
import { MINUTE_MS } from '../../platform/durations.js';
import type { IsolatedRun } from '../../platform/jobs/isolated-run.js';
import { domainOf } from '../../platform/mail/address.js';
import type { Publication } from '../../publications/publication.js';
import { findPublication } from '../../publications/reads.js';
import { loadSigner } from '../../transports/dkim/load-signer.js';
import type { Lease } from '../batches/lease.js';
import { subscriptionIdsOf, UNCERTAIN_WAIT_MS, type AttemptKey, type BatchKey } from '../delivery.js';
import { countMailboxReplies } from '../record-attempts.js';
import type { Chunk, ClaimedDelivery } from './chunk.js';
import { checkEligibility, type Eligibility } from './eligibility.js';
import { loadTemplates } from './load-templates.js';
import { lowerWatermarksForCatchUp } from './lower-watermarks.js';
import { listDue, listUncertainDue, listWaitingForEarlier, type DueDelivery } from './reads.js';
import type { Route } from './route.js';
import { isStopped } from './stop-when-paused.js';
import type { WorkerContext } from './worker-context.js';
import { markSending, markSkipped, postpone, stopResending } from './writes.js';

const EARLIER_DIGEST_WAIT_MS = 15 * MINUTE_MS;

/**
 * queued, deferred or uncertain -> sending, for as many due deliveries of a batch as there are permits; skips those whose
 * readers no longer want mail. Undefined: nothing is due, the lease is lost, or the digest was stopped.
 */
export async function claimChunk(
  context: WorkerContext,
  lease: Lease,
  route: Route,
  run: ClaimRun,
): Promise<Chunk | undefined> {
  const { db, now } = context;
  let owner: Pick<Chunk, 'digest' | 'publication'> | undefined;
  const { rows, results, failures } = await workOnRows(db, {
    lock: async (tx) => {
      owner = await findOwner(tx, lease);
      if (owner === undefined) return [];
      const where = { limit: route.permits, except: [...run.waiting, ...run.failed, ...run.elsewhere] };
      const due = await listClaimable(tx, context, lease, owner.digest, where);
      return due.map((row) => ({ ...row, id: row.subscriptionId }));
    },
    work: async (tx, due) =>
      owner === undefined ? [] : claimDeliveries(tx, context, { ...owner, lease, route, run }, due),
  });
  if (owner === undefined || rows.length === 0) return undefined;
  const { digest, publication } = owner;
  for (const { row, error } of failures) {
    run.failed.add(row.id);
    await run.fail({ kind: 'subscription', rowId: row.id, publicationId: publication.id }, error);
  }
  const claimed = results.flat();
  await run.succeed(subscriptionIdsOf(claimed));
  const chunk = { digest, publication, claimed, checkedAt: now() };
  const signer = route.rewrites ? undefined : await loadSigner(context, domainOf(publication.fromAddress));
  return { ...chunk, ...(await loadTemplates(context, chunk)), sign: signer?.sign };
}

/**
 * The claims of one lease: the readers whose deliveries could not be claimed under it, and those left for a server that
 * takes their address.
 */
export type ClaimRun = IsolatedRun & { failed: Set<string>; elsewhere: Set<string> };

/** Undefined: the lease is lost, or the digest was stopped. */
async function findOwner(tx: Tx, lease: Lease): Promise<Pick<Chunk, 'digest' | 'publication'> | undefined> {
  if (!(await lease.renew(tx))) return undefined;
  const digest = await findDigest(tx, lease.batch.digestId);
  const publication = digest && (await findPublication(tx, digest.publicationId));
  return digest === undefined || publication === undefined || isStopped(digest)
    ? undefined
    : { digest, publication };
}

/** Due deliveries first; then uncertain ones that their mail server's policy sends again, a limited number of times. */
async function listClaimable(
  tx: Tx,
  context: WorkerContext,
  { batch }: Lease,
  digest: Digest,
  { limit, except }: { limit: number; except: readonly string[] },
): Promise<DueDelivery[]> {
  const { now, router } = context;
  const due = await listDue(tx, batch, { limit, except }, now());
  if (due.length === limit || isExpired(digest, context)) return due;
  const before = new Date(now().getTime() - UNCERTAIN_WAIT_MS);
  const transportIds = await router.listResendingTransportIds();
  const where = { transportIds, before, limit: limit - due.length, except };
  const uncertain = await listUncertainDue(tx, batch, where);
  return [...due, ...uncertain];
}

async function claimDeliveries(
  tx: Tx,
  context: WorkerContext,
  parts: { publication: Publication; digest: Digest; lease: Lease; route: Route; run: ClaimRun },
  due: readonly DueDelivery[],
): Promise<ClaimedDelivery[]> {
  const { now } = context;
  const { digest, lease, route, run } = parts;
  const eligibilityOf = await checkEligibility(tx, context, parts, subscriptionIdsOf(due));
  const checked = due.map((row) => ({
    ...row,
    eligibility: requireSameAddress(row, eligibilityOf(row.subscriptionId)),
  }));
  await skipIneligible(tx, { digest, batch: lease.batch }, checked, now());
  const eligible = checked.flatMap(({ eligibility, ...row }) =>
    eligibility.kind === 'eligible' ? [{ ...row, ...eligibility }] : [],
  );
  for (const { subscriptionId, reader } of eligible)
    if (route.belongsElsewhere(reader.email)) run.elsewhere.add(subscriptionId);
  const here = eligible.filter(({ subscriptionId }) => !run.elsewhere.has(subscriptionId));
  const ready = await postponeWaiting(tx, lease.batch, here, now());
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
