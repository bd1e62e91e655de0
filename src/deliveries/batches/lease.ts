import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import type { BatchKey } from '../delivery.js';
import { leaseExpiry } from './lease-renewal.js';
import { leaseBatch, renewBatch } from './writes.js';

/** The right to send one batch, for a while. */
export type Lease = {
  readonly batch: BatchKey;
  readonly token: string;
  /** True until it runs out by our own clock: no other worker can have it yet. Asked before every final dot. */
  isLive(): boolean;
  /** False: another worker has it now. The batch's row stays locked until the transaction ends. */
  renew(tx: Tx): Promise<boolean>;
};

const LONG_AGO = new Date(0);

/** Undefined: there is nothing to do, or another worker has the batch. */
export async function takeLease(
  { db, now }: Pick<Context, 'db' | 'now'>,
  batch: BatchKey,
  token: string,
): Promise<Lease | undefined> {
  let until = leaseExpiry(now());
  const taken = await db.transaction((tx) => leaseBatch(tx, batch, token, until, now()));
  if (taken === undefined) return undefined;
  return {
    batch,
    token,
    isLive: () => now() < until,
    renew: async (tx) => {
      const next = leaseExpiry(now());
      const isOurs = (await renewBatch(tx, batch, token, next)) > 0;
      // Lost for good, whatever our own clock says is left of it.
      until = isOurs ? next : LONG_AGO;
      return isOurs;
    },
  };
}
