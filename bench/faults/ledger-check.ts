import { MAX_RESENDS } from '../../src/deliveries/delivery.js';
import type { Db } from '../../src/platform/db/database.js';
import { readLedger } from '../support/ledger.js';
import type { Received } from '../support/sink/sinks.js';

/** The ledger compared with the sink's records, reader by reader. Each figure counts readers. */
export type LedgerCheck = {
  /** The sink never got it, and the ledger does not call it uncertain. */
  missed: number;
  /** The ledger calls it accepted, and the sink never got it. */
  lost: number;
  /** The sink got it more than once. */
  doubled: number;
  /** Of those, how many got different Message-IDs. */
  otherMessageId: number;
  /** Uncertain in the ledger, at the end. */
  uncertain: number;
  /** Of those, how many may be sent again by themselves, under the policy that does so. */
  unfinished: number;
  /** The sink got it, and the ledger calls it neither accepted nor uncertain. */
  unrecorded: number;
  rejected: number;
  /** The addresses that the sink got more than once. */
  doubledReaders: string[];
};

export async function checkLedger(
  db: Db,
  publicationId: string,
  received: ReadonlyMap<string, Received>,
): Promise<LedgerCheck> {
  const ledger = await readLedger(db, publicationId);
  const count = (email: string) => received.get(email)?.count ?? 0;
  const doubled = ledger.filter(({ email }) => count(email) > 1);
  return {
    missed: ledger.filter(({ email, state }) => count(email) === 0 && state !== 'uncertain').length,
    lost: ledger.filter(({ email, state }) => count(email) === 0 && state === 'accepted').length,
    doubled: doubled.length,
    otherMessageId: doubled.filter(({ email }) => received.get(email)?.messageIds !== 1).length,
    uncertain: ledger.filter(({ state }) => state === 'uncertain').length,
    unfinished: ledger.filter(({ state, resends }) => state === 'uncertain' && resends < MAX_RESENDS).length,
    unrecorded: ledger.filter(({ email, state }) => count(email) > 0 && !TAKEN_STATES.has(state)).length,
    rejected: ledger.filter(({ state }) => state === 'rejected').length,
    doubledReaders: doubled.map(({ email }) => email),
  };
}

const TAKEN_STATES = new Set(['accepted', 'uncertain']);

/** The addresses whose delivery is uncertain now. */
export async function listUncertain(db: Db, publicationId: string): Promise<Set<string>> {
  const ledger = await readLedger(db, publicationId);
  return new Set(ledger.filter(({ state }) => state === 'uncertain').map(({ email }) => email));
}
