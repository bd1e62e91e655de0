import { isExpired, type Digest } from '../../digests/digest.js';
import type { Context } from '../../platform/context.js';
import type { Db, Tx } from '../../platform/db/database.js';
import { domainOf } from '../../platform/mail/address.js';
import type { Publication } from '../../publications/publication.js';
import { listRecipients, type Recipient } from '../../subscribers/reads.js';
import { domainHash } from '../../subscribers/suppression/address-hashes.js';
import { listSuppressed } from '../../subscribers/suppression/reads.js';
import { WHOLE_SERVER } from '../../transports/circuits/circuit.js';
import { listDomainsAwaitingOperator } from '../../transports/circuits/reads.js';
import { statusReason, type SkipReason } from '../skip-reason.js';

/** Whether a delivery may go out at this moment. */
export type Eligibility =
  | { kind: 'eligible'; reader: Recipient; addressHash: Buffer }
  | { kind: 'skip'; reason: SkipReason };

/** Finds out for each of these readers whether she still wants mail, and may get it. */
export async function checkEligibility(
  db: Db | Tx,
  context: Pick<Context, 'now' | 'hashAddress' | 'clock'>,
  { publication, digest }: { publication: Publication; digest: Digest },
  subscriptionIds: string[],
): Promise<(subscriptionId: string) => Eligibility> {
  if (publication.archivedAt !== null) return () => ({ kind: 'skip', reason: 'archived' });
  const { hashAddress } = context;
  const isTooOld = isExpired(digest, context) ? await createAgeCheck(db) : () => false;
  const recipients = await listRecipients(db, subscriptionIds);
  const readers = new Map(
    recipients.map((reader) => [reader.id, { reader, addressHash: hashAddress(reader.emailKey) }]),
  );
  const domains = hashDomains(hashAddress, recipients);
  const hashes = [...readers.values()].map(({ addressHash }) => addressHash);
  const suppressed = await listSuppressed(db, publication.id, [...hashes, ...domains.values()]);
  return (subscriptionId) => {
    const found = readers.get(subscriptionId);
    if (isTooOld(found?.reader)) return { kind: 'skip', reason: 'expired' };
    return eligibilityOf(found, suppressed, domains);
  };
}

/** Of an expired digest: what waits because only an operator can close a circuit is not given up before one has. */
async function createAgeCheck(db: Db | Tx): Promise<(reader: Recipient | undefined) => boolean> {
  const waiting = new Set(await listDomainsAwaitingOperator(db));
  return (reader) =>
    reader === undefined || !(waiting.has(WHOLE_SERVER) || waiting.has(domainOf(reader.email)));
}

/** Readers share few domains: each is hashed and looked up once. */
function hashDomains(
  hashAddress: Context['hashAddress'],
  recipients: readonly Pick<Recipient, 'emailKey'>[],
): ReadonlyMap<string, Buffer> {
  const domains = new Set(recipients.map(({ emailKey }) => domainOf(emailKey)));
  return new Map([...domains].map((domain) => [domain, domainHash(hashAddress, domain)]));
}

function eligibilityOf(
  found: { reader: Recipient; addressHash: Buffer } | undefined,
  suppressed: ReadonlySet<string>,
  domains: ReadonlyMap<string, Buffer>,
): Eligibility {
  if (found === undefined) return { kind: 'skip', reason: 'erased' };
  const { reader, addressHash } = found;
  if (reader.status !== 'confirmed') return { kind: 'skip', reason: statusReason(reader.status) };
  const isSuppressed = (hash: Buffer | undefined) =>
    hash !== undefined && suppressed.has(hash.toString('hex'));
  if (
    suppressed.size > 0 &&
    (isSuppressed(addressHash) || isSuppressed(domains.get(domainOf(reader.emailKey))))
  )
    return { kind: 'skip', reason: 'suppressed' };
  return { kind: 'eligible', reader, addressHash };
}
