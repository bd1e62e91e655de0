import type { AttemptResult } from '../../deliveries/attempt-result.js';
import { recordResults } from '../../deliveries/record-results.js';
import type { Tx } from '../../platform/db/database.js';
import { listUncertainOf, type UncertainRow } from './reads.js';

const TAKEN: AttemptResult = {
  state: 'accepted',
  skipReason: null,
  answer: 'The provider took it: it has told what became of it.',
  nextAttemptAt: null,
  providerMessageId: null,
};

/** uncertain -> accepted, of deliveries that a provider has told of. They keep the time at which they were sent. */
export async function settleUncertain(
  tx: Tx,
  deliveries: readonly { digestId: string; subscriptionId: string }[],
): Promise<void> {
  if (deliveries.length === 0) return;
  const groups = new Map<string, UncertainRow[]>();
  for (const row of await listUncertainOf(tx, deliveries)) {
    const key = `${row.digestId} ${row.batch} ${row.updatedAt.toISOString()}`;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  for (const rows of groups.values()) {
    const [{ digestId, batch: number, updatedAt }] = rows as [UncertainRow];
    const finished = rows.map((row) => ({ ...row, result: TAKEN }));
    await recordResults(tx, { digestId, number }, finished, updatedAt);
  }
}
