import type { Tx } from '../platform/db/database.js';
import { sql } from '../platform/db/sql.js';
import type { Digest, DigestState } from './digest.js';
import type { DigestKey } from './writes.js';

/** From one of these states to another; undefined when it is in none of them. */
export function updateState(
  tx: Tx,
  id: string,
  move: { from: readonly DigestState[]; to: DigestState; reason: string | null },
): Promise<ChangedDigest | undefined> {
  return tx.maybe<ChangedDigest>(sql`
    update digests
       set state = ${move.to},
           reason = ${move.reason}
     where id = ${id}
       and state = any(${[...move.from]}::text[])
    returning id, publication_id, cadence, period, old.state as was, old.reason as was_because
  `);
}

/** `was` and `wasBecause`: its state and reason before. */
export type ChangedDigest = Pick<Digest, 'id' | 'publicationId' | 'cadence' | 'period'> & {
  was: DigestState;
  wasBecause: string | null;
};

/** Makes the digest of a period, on its way or held, unless it is there. */
export function insertOpenedDigest(
  tx: Tx,
  digest: DigestKey &
    Pick<Digest, 'state' | 'reason' | 'closesAt' | 'expiresAt' | 'keyId'> & { readers: number },
  now: Date,
): Promise<number> {
  return tx.run(sql`
    insert into digests (publication_id, cadence, period, state, reason, closes_at, expires_at, key_id, readers, created_at)
    values (${digest.publicationId}, ${digest.cadence}, ${digest.period}, ${digest.state}, ${digest.reason},
            ${digest.closesAt}, ${digest.expiresAt}, ${digest.keyId}, ${digest.readers}, ${now})
    on conflict (publication_id, cadence, period) do nothing
  `);
}

/** approved -> closed, for one that nobody has joined: its period passed while it waited, and its approval goes on. */
export function transferApproval(tx: Tx, digest: DigestKey): Promise<{ id: string } | undefined> {
  return tx.maybe(sql`
    update digests
       set state = 'closed',
           reason = ${`The digest of ${digest.period} took its place.`}
     where publication_id = ${digest.publicationId}
       and cadence = ${digest.cadence}
       and period <> ${digest.period}
       and state = 'approved'
       and last_batch = 0
    returning id
  `);
}

/** What is still to be sent of a digest is wanted until then. */
export function extendLifetime(tx: Tx, id: string, expiresAt: Date): Promise<number> {
  return tx.run(sql`
    update digests
       set expires_at = greatest(expires_at, ${expiresAt})
     where id = ${id}
       and state in ('sending', 'paused')
  `);
}
