import { isExpired, type Digest } from '../../digests/digest.js';
import { findDigest } from '../../digests/reads.js';
import type { Tx } from '../../platform/db/database.js';
import { workOnRows } from '../../platform/db/work-on-rows.js';
import { domainOf } from '../../platform/mail/address.js';
import { findPublication } from '../../publications/reads.js';
import { loadSigner } from '../../transports/dkim/load-signer.js';
import type { Lease } from '../batches/lease.js';
import { subscriptionIdsOf, UNCERTAIN_WAIT_MS } from '../delivery.js';
import type { Chunk } from './chunk.js';
import { claimDeliveries, type ClaimRun } from './claim-deliveries.js';
import { loadTemplates } from './load-templates.js';
import { listDue, listUncertainDue, type DueDelivery } from './reads.js';
import type { Route } from './route.js';
import { isStopped } from './stop-when-paused.js';
import type { WorkerContext } from './worker-context.js';

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
      const where = {
        limit: route.permits,
        except: [...run.waiting, ...run.failed, ...run.elsewhere, ...run.crowded],
      };
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
