import type { Db } from '../../src/platform/db/database.js';
import { sql } from '../../src/platform/db/sql.js';
import type { Received } from '../support/sink/sinks.js';

/** The ledger and the sink's records of who got what, compared reader by reader. Each of these is a number of readers. */
export type LedgerCheck = {
  /** The sink never got it, and the ledger does not call it uncertain. */
  missed: number;
  /** The ledger calls it accepted, and the sink never got it. */
  lost: number;
  /** The sink got it more than once. */
  doubled: number;
  /** Those of them that did not always carry the same Message-ID. */
  otherMessageId: number;
  /** Uncertain in the ledger, at the end. */
  uncertain: number;
  /** The sink got it, and the ledger calls it neither accepted nor uncertain. */
  unrecorded: number;
  rejected: number;
  /** Who was doubled. */
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
    unrecorded: ledger.filter(({ email, state }) => count(email) > 0 && !TAKEN_STATES.has(state)).length,
    rejected: ledger.filter(({ state }) => state === 'rejected').length,
    doubledReaders: doubled.map(({ email }) => email),
  };
}

const TAKEN_STATES = new Set(['accepted', 'uncertain']);

function readLedger(db: Db, publicationId: string): Promise<{ email: string; state: string }[]> {
  return db.many(sql`
    select p.email, d.state
      from deliveries d
      join digests g on g.id = d.digest_id
      join subscriptions s on s.id = d.subscription_id
      join subscribers p on p.id = s.subscriber_id
     where g.publication_id = ${publicationId}
  `);
}

/** Whose delivery is uncertain now. */
export async function listUncertain(db: Db, publicationId: string): Promise<Set<string>> {
  const ledger = await readLedger(db, publicationId);
  return new Set(ledger.filter(({ state }) => state === 'uncertain').map(({ email }) => email));
}
