import { loadVariantTemplate } from '../../digests/compose/render-variant.js';
import type { Digest } from '../../digests/digest.js';
import { findDigest } from '../../digests/reads.js';
import type { Tx } from '../../platform/db/database.js';
import { domainOf } from '../../platform/mail/address.js';
import type { MessageTemplate, Sign } from '../../platform/mail/mime/message-template.js';
import { loadSigner } from '../../transports/dkim/load-signer.js';
import { findPublication } from '../../publications/reads.js';
import type { Publication } from '../../publications/publication.js';
import type { Recipient } from '../../subscribers/reads.js';
import { UNCERTAIN_WAIT_MS, type AttemptKey, type BatchKey } from '../delivery.js';
import type { Lease } from '../batches/lease.js';
import { lowerWatermarksForCatchUp } from './lower-watermarks.js';
import { listUncertainDue, listDue, type DueDelivery } from '../batches/reads.js';
import type { WorkerContext } from './worker-context.js';
import { checkEligibility, type Eligibility } from './eligibility.js';
import type { Route } from './server-router.js';
import { stopResending, markSending, markSkipped } from '../writes.js';

/** A delivery that is being sent. */
export type ClaimedDelivery = AttemptKey & { variantId: string; deferrals: number; reader: Recipient };

/** A second's work: claimed for one mail server, looked at just now. */
export type Chunk = {
  digest: Digest;
  publication: Publication;
  claimed: ClaimedDelivery[];
  sign: Sign | undefined;
  templates: ReadonlyMap<string, MessageTemplate>;
  checkedAt: Date;
};

/**
 * queued, deferred or uncertain -> sending, for as many due deliveries of a batch as there are permits; lets go of readers
 * who no longer want mail. Undefined: nothing is due, the lease is lost, or the digest was stopped.
 */
export async function claimChunk(
  sending: WorkerContext,
  lease: Lease,
  way: Route,
): Promise<Chunk | undefined> {
  const { db, now } = sending;
  const chunk = await db.transaction(async (tx) => {
    if (!(await lease.renew(tx))) return undefined;
    const digest = await findDigest(tx, lease.batch.digestId);
    const publication = digest && (await findPublication(tx, digest.publicationId));
    if (publication === undefined || digest?.state !== 'sending') return undefined;
    const due = await listClaimable(tx, sending, lease, digest, way.permits);
    if (due.length === 0) return undefined;
    const claimed = await claimDeliveries(tx, sending, { publication, digest, batch: lease.batch, way }, due);
    return { digest, publication, claimed, checkedAt: now() };
  });
  if (chunk === undefined) return undefined;
  const signer = way.rewrites
    ? undefined
    : await loadSigner(sending, domainOf(chunk.publication.fromAddress));
  const templates = await loadTemplates(sending, chunk.digest, chunk.publication, chunk.claimed);
  return { ...chunk, templates, sign: signer?.sign };
}

/** What is fresh goes first; what is in doubt is sent again where that is the server's policy, and not for ever. */
async function listClaimable(
  tx: Tx,
  { now, router }: WorkerContext,
  { batch }: Lease,
  digest: Digest,
  limit: number,
): Promise<DueDelivery[]> {
  const fresh = await listDue(tx, batch, limit, now());
  if (fresh.length === limit || digest.expiresAt <= now()) return fresh;
  const before = new Date(now().getTime() - UNCERTAIN_WAIT_MS);
  const transportIds = await router.listResendingTransportIds();
  const doubtful = await listUncertainDue(tx, batch, { transportIds, before, limit: limit - fresh.length });
  return [...fresh, ...doubtful];
}

async function claimDeliveries(
  tx: Tx,
  sending: WorkerContext,
  {
    publication,
    digest,
    batch,
    way,
  }: { publication: Publication; digest: Digest; batch: BatchKey; way: Route },
  due: readonly DueDelivery[],
): Promise<ClaimedDelivery[]> {
  const { now } = sending;
  const ids = due.map(({ subscriptionId }) => subscriptionId);
  const verdictOf = await checkEligibility(tx, sending, { publication, digest }, ids);
  const judged = due.map((row) => ({ row, verdict: requireSameAddress(row, verdictOf(row.subscriptionId)) }));
  const wanted = judged.flatMap(({ row, verdict }) => (isEligible(verdict) ? [{ ...row, ...verdict }] : []));
  await skipIneligible(tx, { digest, batch }, judged, now());
  const marked = await markSending(tx, batch, way.transportId, wanted, now());
  const attempts = new Map(marked.map(({ subscriptionId, attempt }) => [subscriptionId, attempt]));
  return wanted.flatMap(({ subscriptionId, variantId, deferrals, reader }) => {
    const attempt = attempts.get(subscriptionId);
    return attempt === undefined ? [] : [{ subscriptionId, attempt, variantId, deferrals, reader }];
  });
}

/** What may have arrived at her old address is not sent to her new one. */
function requireSameAddress({ addressHash }: DueDelivery, verdict: Eligibility): Eligibility {
  if (verdict.kind === 'unwanted' || addressHash === null || addressHash.equals(verdict.addressHash))
    return verdict;
  return { kind: 'unwanted', reason: 'address changed' };
}

function isEligible(verdict: Eligibility): verdict is Eligibility & { kind: 'wanted' } {
  return verdict.kind === 'wanted';
}

async function skipIneligible(
  tx: Tx,
  { digest, batch }: { digest: Digest; batch: BatchKey },
  judged: readonly { row: DueDelivery; verdict: Eligibility }[],
  now: Date,
): Promise<void> {
  const dropped = judged.flatMap(({ row, verdict }) =>
    verdict.kind === 'unwanted' ? [{ ...row, reason: verdict.reason }] : [],
  );
  const doubtful = dropped.filter(({ state }) => state === 'uncertain');
  const paused = dropped.filter(({ state, reason }) => state !== 'uncertain' && reason === 'paused');
  if (dropped.length > 0) await markSkipped(tx, batch, dropped, now);
  await lowerWatermarksForCatchUp(tx, digest, paused);
  if (doubtful.length > 0) await stopResending(tx, batch, doubtful);
}

/** Few, whatever the number of readers. */
async function loadTemplates(
  sending: WorkerContext,
  digest: Digest,
  publication: Publication,
  claimed: readonly ClaimedDelivery[],
): Promise<Map<string, MessageTemplate>> {
  const templates = new Map<string, MessageTemplate>();
  for (const { variantId } of claimed) {
    if (!templates.has(variantId))
      templates.set(
        variantId,
        await sending.loadTemplate(variantId, () =>
          loadVariantTemplate(sending, publication, digest, variantId),
        ),
      );
  }
  return templates;
}
