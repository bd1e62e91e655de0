import { findDigest, listRecentDigests } from '../../digests/reads.js';
import type { Db, Tx } from '../../platform/db/database.js';
import { DAY_MS } from '../../platform/durations.js';
import type { Publication } from '../../publications/publication.js';
import type { DeliveryCounts } from '../delivery.js';
import { countDeliveriesOfEach } from '../reads.js';
import type { DigestShares } from './alert.js';
import type { CauseOf } from './content.js';
import { listDigestReturns, type DigestReturns } from './reads.js';

/** What came back earlier operators were mailed about then. */
const MAX_AGE_MS = DAY_MS;

/** Fewer say nothing. */
const MIN_EVENTS = 5;

/**
 * Shares of the mails that were handed over. Of complaints: where Google and Yahoo begin to take less mail
 * (https://support.google.com/a/answer/81126, https://senders.yahooinc.com/best-practices). Of bounces: where companies that send for
 * others warn (https://docs.aws.amazon.com/ses/latest/dg/reputationdashboard-bounce-rate.html).
 */
const LINES = { bounced: 0.05, complained: 0.003 } as const;

/** Digests of which much came back within a day: an address list that is wrong, or mail that readers do not want. */
export async function listReturnCauses(
  db: Db | Tx,
  publications: readonly Pick<Publication, 'id'>[],
  now: Date,
): Promise<CauseOf<'much-returned'>[]> {
  const since = new Date(now.getTime() - MAX_AGE_MS);
  const returns = new Map((await listDigestReturns(db, since)).map((row) => [row.digestId, row]));
  const ids = [...new Set([...returns.keys(), ...(await listRecentDigests(db, since)).map(({ id }) => id)])];
  const counts = await countDeliveriesOfEach(db, ids);
  const causes: CauseOf<'much-returned'>[] = [];
  for (const [id, ofDigest] of counts) {
    const shares = sharesOf(ofDigest, returns.get(id));
    if (!isMuch(shares)) continue;
    const digest = await findDigest(db, id);
    if (digest === undefined || !publications.some((one) => one.id === digest.publicationId)) continue;
    causes.push({ kind: 'much-returned', id, publicationId: digest.publicationId, digest, shares });
  }
  return causes;
}

function sharesOf(
  { accepted, rejected, uncertain }: DeliveryCounts,
  returns: DigestReturns | undefined,
): DigestShares {
  return {
    handedOver: accepted + rejected + uncertain,
    bounced: rejected + (returns?.bounced ?? 0),
    complained: returns?.complained ?? 0,
  };
}

/** Whether operators are told. */
function isMuch({ handedOver, ...events }: DigestShares): boolean {
  return (['bounced', 'complained'] as const).some(
    (what) => events[what] >= MIN_EVENTS && events[what] >= LINES[what] * handedOver,
  );
}
