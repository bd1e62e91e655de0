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
  const candidates = byAddress(await listFailedDeliveries(tx, subscriptionIds)).filter(isToRest);
  const arrivals = await readArrivals(tx, candidates);
  return candidates.flatMap((failed) => {
    const run = splitAtArrivals(failed, arrivals).find(isToRest);
    const last = run?.at(-1);
    if (run === undefined || last === undefined) return [];
    return [{ ...last, isHard: run.filter(({ isHard }) => isHard).length > 1 }];
  });
}

function byAddress(rows: readonly FailedDelivery[]): FailedDelivery[][] {
  return groupBy(
    rows,
    ({ subscriptionId, addressHash }) => `${subscriptionId} ${addressHash.toString('hex')}`,
  );
}

/** A digest is sent for so many days after it was made, at most, however often it is put off. */
const MAX_SENDING_MS = 30 * DAY_MS;

/** By subscription. */
async function readArrivals(
  tx: Tx,
  candidates: readonly FailedDelivery[][],
): Promise<ReadonlyMap<string, Date[]>> {
  const asked = candidates.flatMap(([first]) =>
    first === undefined
      ? []
      : [
          {
            subscriptionId: first.subscriptionId,
            madeSince: new Date(first.sentAt.getTime() - MAX_SENDING_MS),
          },
        ],
  );
  if (asked.length === 0) return new Map();
  const rows = groupBy(await listArrivals(tx, asked), ({ subscriptionId }) => subscriptionId);
  return new Map(rows.map((group) => [group[0]?.subscriptionId ?? '', group.map(({ at }) => at)]));
}

/** The failed digests between which none arrived. */
function splitAtArrivals(
  failed: readonly FailedDelivery[],
  arrivals: ReadonlyMap<string, Date[]>,
): FailedDelivery[][] {
  return groupBy(failed, ({ subscriptionId, sentAt }) =>
    String((arrivals.get(subscriptionId) ?? []).filter((at) => at < sentAt).length),
  );
}

function groupBy<Row>(rows: readonly Row[], keyOf: (row: Row) => string): Row[][] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) groups.set(keyOf(row), [...(groups.get(keyOf(row)) ?? []), row]);
  return [...groups.values()];
}
