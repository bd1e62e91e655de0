import { createOperator } from '../../src/operators/accounts.js';
import { bySystem } from '../../src/platform/actor.js';
import type { Db } from '../../src/platform/db/database.js';

export const OWNER_ADDRESS = 'owner@bench.example';

/** Somebody who is mailed alerts. */
export async function seedOwner(db: Db): Promise<void> {
  await createOperator(
    { db, ...bySystem(new Date()) },
    { email: OWNER_ADDRESS, name: null, grant: 'administrator' },
  );
}
