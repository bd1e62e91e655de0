import type { LogDoubt } from '../deliveries/log-doubt.js';
import { countDeliveriesOfEach, countLogDoubts } from '../deliveries/reads.js';
import { listReconcilableDigests } from '../deliveries/reconcile/reads.js';
import type { Db } from '../platform/db/database.js';
import { DAY_MS } from '../platform/durations.js';

/** Uncertain mails of one digest, by the reason why the log of a mail server does not decide about them. */
export type UndecidedMails = {
  digestId: string;
  publicationId: string;
  doubts: { doubt: LogDoubt; count: number }[];
};

/** After that nobody looks into the log any more. */
const UNDECIDED_MS = 7 * DAY_MS;

/** Of all publications, the digests that have any. */
export async function listUndecided(db: Db, now: Date): Promise<UndecidedMails[]> {
  const digests = await listReconcilableDigests(db, new Date(now.getTime() - UNDECIDED_MS));
  const ids = digests.map(({ id }) => id);
  const counts = await countDeliveriesOfEach(db, ids);
  const undecided: UndecidedMails[] = [];
  for (const { id: digestId, publicationId } of digests) {
    if ((counts.get(digestId)?.uncertain ?? 0) === 0) continue;
    const doubts = await countLogDoubts(db, digestId);
    if (doubts.length > 0) undecided.push({ digestId, publicationId, doubts });
  }
  return undecided;
}
