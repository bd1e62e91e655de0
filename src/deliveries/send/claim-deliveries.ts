import type { Digest } from '../../digests/digest.js';
import type { Tx } from '../../platform/db/database.js';
import { MINUTE_MS } from '../../platform/durations.js';
import type { IsolatedRun } from '../../platform/jobs/isolated-run.js';
import { domainOf } from '../../platform/mail/address.js';
import type { Publication } from '../../publications/publication.js';
import type { Lease } from '../batches/lease.js';
import { subscriptionIdsOf, type AttemptKey, type BatchKey } from '../delivery.js';
import { suppressWhoRests } from '../record-attempts.js';
import { noteFirstDigest } from '../../subscribers/import/note-first-digest.js';
import { countSoftBounces } from '../../subscribers/suppression/soft-bounces.js';
import type { ClaimedDelivery } from './chunk.js';
import { checkEligibility, type Eligibility } from './eligibility.js';
import { lowerWatermarksForCatchUp } from './lower-watermarks.js';
import { listWaitingForEarlier, type DueDelivery } from './reads.js';
import type { Route } from './route.js';
import type { WorkerContext } from './worker-context.js';
import { markSending, markSkipped, postpone, stopResending } from './writes.js';

const EARLIER_DIGEST_WAIT_MS = 15 * MINUTE_MS;

/**
 * The claims of one lease: the readers whose deliveries could not be claimed under it, those left for a server that takes their
 * address, and those at a slow domain whose places are taken, left until the others are sent.
 */
export type ClaimRun = IsolatedRun & { failed: Set<string>; elsewhere: Set<string>; crowded: Set<string> };

/** queued, deferred or uncertain -> sending, of these due ones all that may go to this server now. */
export async function claimDeliveries(
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
  const here = leaveCrowded(
    eligible.filter(({ subscriptionId }) => !run.elsewhere.has(subscriptionId)),
    parts,
  );
  const ready = await postponeWaiting(tx, lease.batch, here, now());
  const marked = await markSending(tx, lease.batch, route.transportId, ready, now());
  await noteFirstDigest(
    tx,
    digest.id,
    ready.map(({ reader }) => reader),
  );
  const attempts = new Map(marked.map(({ subscriptionId, attempt }) => [subscriptionId, attempt]));
  return ready.flatMap(({ subscriptionId, variantId, deferrals, reader }) => {
    const attempt = attempts.get(subscriptionId);
    return attempt === undefined ? [] : [{ subscriptionId, attempt, variantId, deferrals, reader }];
  });
}

/** A slow domain's mails beyond its places wait, and take no place of another reader's. */
function leaveCrowded<Row extends { subscriptionId: string; reader: { email: string } }>(
  rows: readonly Row[],
  { route, run }: { route: Route; run: ClaimRun },
): Row[] {
  if (route.places.size === 0) return [...rows];
  const taken = new Map<string, number>();
  return rows.filter(({ subscriptionId, reader }) => {
    const domain = domainOf(reader.email);
    const count = (taken.get(domain) ?? 0) + 1;
    taken.set(domain, count);
    const hasPlace = count <= (route.places.get(domain) ?? Infinity);
    if (!hasPlace) run.crowded.add(subscriptionId);
    return hasPlace;
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
  if (givenUp.length > 0) await countGivenUp(tx, digest, subscriptionIdsOf(givenUp), now);
  if (uncertain.length > 0) await stopResending(tx, batch, uncertain);
}

async function countGivenUp(tx: Tx, { id }: Digest, givenUp: string[], now: Date): Promise<void> {
  const replies = { accepted: [], deferred: [], givenUp, unconfirmed: [] };
  await suppressWhoRests(tx, await countSoftBounces(tx, id, replies, now), new Map(), now);
}
