import type { Digest } from '../../digests/digest.js';
import type { Context } from '../../platform/context.js';
import type { Db, Tx } from '../../platform/db/database.js';
import type { Publication } from '../../publications/publication.js';
import { listRecipients, type Recipient } from '../../subscribers/reads.js';
import { listSuppressed } from '../../subscribers/suppression/reads.js';
import type { SkipReason } from '../skip-reason.js';

/** Whether a delivery may go out at this moment. */
export type Eligibility =
  { kind: 'eligible'; reader: Recipient; addressHash: Buffer } | { kind: 'skip'; reason: SkipReason };

/** Finds out for each of these readers whether she still wants mail, and may get it. */
export async function checkEligibility(
  db: Db | Tx,
  { now, hashAddress }: Pick<Context, 'now' | 'hashAddress'>,
  { publication, digest }: { publication: Publication; digest: Digest },
  subscriptionIds: string[],
): Promise<(subscriptionId: string) => Eligibility> {
  const reason = digestSkipReason(publication, digest, now());
  if (reason !== undefined) return () => ({ kind: 'skip', reason });
  const recipients = await listRecipients(db, subscriptionIds);
  const readers = new Map(
    recipients.map((reader) => [reader.id, { reader, addressHash: hashAddress(reader.emailKey) }]),
  );
  const hashes = [...readers.values()].map(({ addressHash }) => addressHash);
  const suppressed = await listSuppressed(db, publication.id, hashes);
  return (subscriptionId) => eligibilityOf(readers.get(subscriptionId), suppressed);
}

/** A reason that holds for all of its readers. */
function digestSkipReason(publication: Publication, digest: Digest, now: Date): SkipReason | undefined {
  if (publication.archivedAt !== null) return 'archived';
  return digest.expiresAt <= now ? 'expired' : undefined;
}

function eligibilityOf(
  found: { reader: Recipient; addressHash: Buffer } | undefined,
  suppressed: ReadonlySet<string>,
): Eligibility {
  if (found === undefined) return { kind: 'skip', reason: 'erased' };
  const { reader, addressHash } = found;
  if (reader.status !== 'confirmed') return { kind: 'skip', reason: reader.status };
  if (suppressed.size > 0 && suppressed.has(addressHash.toString('hex')))
    return { kind: 'skip', reason: 'suppressed' };
  return { kind: 'eligible', reader, addressHash };
}
