import type { Tx } from '../platform/db/database.js';
import { DAY_MS } from '../platform/durations.js';
import { isToRest } from '../subscribers/suppression/soft-bounces.js';
import { listArrivals, listFailedDeliveries, type FailedDelivery } from './reads.js';

/** An address that several digests could not reach. `isHard`: it is said to be bad, and was so twice. */
export type RestingMailbox = Pick<
  FailedDelivery,
  'subscriptionId' | 'addressHash' | 'transportId' | 'isHard'
>;

/** Of these readers those whose mailbox is to rest, with the address that it is about: she may have another by now. */
export async function findRestingMailboxes(
  tx: Tx,
  subscriptionIds: readonly string[],
): Promise<RestingMailbox[]> {
  const resting: RestingMailbox[] = [];
  for (const failed of byAddress(await listFailedDeliveries(tx, subscriptionIds))) {
    if (!isToRest(failed)) continue;
    const run = splitAtArrivals(failed, await arrivalsSince(tx, failed)).find(isToRest);
    const last = run?.at(-1);
    if (run !== undefined && last !== undefined)
      resting.push({ ...last, isHard: run.filter(({ isHard }) => isHard).length > 1 });
  }
  return resting;
}

function byAddress(rows: readonly FailedDelivery[]): FailedDelivery[][] {
  return groupBy(
    rows,
    ({ subscriptionId, addressHash }) => `${subscriptionId} ${addressHash.toString('hex')}`,
  );
}

/** A digest is sent for so many days after it was made, at most, however often it is put off. */
const MAX_SENDING_MS = 30 * DAY_MS;

async function arrivalsSince(tx: Tx, [first]: readonly FailedDelivery[]): Promise<Date[]> {
  if (first === undefined) return [];
  return listArrivals(tx, first.subscriptionId, new Date(first.sentAt.getTime() - MAX_SENDING_MS));
}

/** The failed digests between which none arrived. */
function splitAtArrivals<Row extends { sentAt: Date }>(
  failed: readonly Row[],
  arrivals: readonly Date[],
): Row[][] {
  return groupBy(failed, ({ sentAt }) => String(arrivals.filter((at) => at < sentAt).length));
}

function groupBy<Row>(rows: readonly Row[], keyOf: (row: Row) => string): Row[][] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) groups.set(keyOf(row), [...(groups.get(keyOf(row)) ?? []), row]);
  return [...groups.values()];
}
