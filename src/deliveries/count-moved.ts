import { addToCounts, type CountChange } from '../platform/counts/counts.js';
import type { Tx } from '../platform/db/database.js';
import type { BatchKey, DeliveryState } from './delivery.js';
import type { SkipReason } from './skip-reason.js';

/** What a delivery counts as: its state, and of one that was given up also why. */
export type CountedAs = DeliveryState | readonly ['skipped', SkipReason];

/** `from` absent: they are new. */
export type MovedDeliveries = { from?: CountedAs | undefined; to: CountedAs; count: number };

/** The number of deliveries of each digest by state. */
export const DELIVERY_COUNTS = 'deliveries';
/** The number of deliveries of each batch in a state that few are in: where to look for them. */
export const BATCH_COUNTS = 'batch-deliveries';

/** States in which there are few deliveries, as a rule, so that it pays to know in which batches they are. */
export const rareStates: readonly DeliveryState[] = ['deferred', 'rejected', 'uncertain', 'skipped'];

/**
 * How many deliveries of a batch a statement has moved from one state to another. Every statement that changes a state says so,
 * in its transaction: a trigger that sees each row would cost a fifth of what sending costs Postgres.
 */
export function countMoved(
  tx: Tx,
  { digestId, number }: BatchKey,
  moved: readonly MovedDeliveries[],
): Promise<void> {
  const changes = new Map<string, CountChange>();
  const add = (name: string, key: readonly string[], count: number) => {
    const id = `${name} ${key.join()}`;
    changes.set(id, { name, key, count: (changes.get(id)?.count ?? 0) + count });
  };
  const addAll = (as: CountedAs, count: number) => {
    const key = typeof as === 'string' ? [as] : as;
    add(DELIVERY_COUNTS, key, count);
    if (rareStates.includes(key[0])) add(BATCH_COUNTS, [key[0], String(number)], count);
  };
  for (const { from, to, count } of moved) {
    if (from !== undefined) addAll(from, -count);
    addAll(to, count);
  }
  return addToCounts(tx, digestId, [...changes.values()]);
}

/** How rows are spread over what they counted as before and count as after they were moved. */
export function countEach<Row>(
  rows: readonly Row[],
  movedOf: (row: Row) => Omit<MovedDeliveries, 'count'>,
): MovedDeliveries[] {
  const groups = new Map<string, MovedDeliveries>();
  for (const row of rows) {
    const { from, to } = movedOf(row);
    const key = `${String(from)} ${String(to)}`;
    const known = groups.get(key);
    if (known === undefined) groups.set(key, { from, to, count: 1 });
    else known.count += 1;
  }
  return [...groups.values()];
}
