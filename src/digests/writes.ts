import type { Tx } from '../platform/db/database.js';
import { sql } from '../platform/db/sql.js';
import { statesBefore } from '../platform/db/transitions.js';
import type { Digest, DigestState } from './digest.js';
import { DIGEST_TRANSITIONS } from './transition.js';

/** What a change of state answers: the digest, and what it was before. */
export type ChangedDigest = Pick<Digest, 'id' | 'publicationId' | 'cadence' | 'period'> & {
  previousState: DigestState;
  previousPausedBy: Digest['pausedBy'];
};

/**
 * From one of these states to another; undefined when it is in none of them. What it was held or paused for before goes
 * with the state.
 */
export function updateState(
  tx: Tx,
  id: string,
  change: { from: readonly DigestState[]; to: DigestState } & Pick<Digest, 'pausedBy' | 'reason'>,
): Promise<ChangedDigest | undefined> {
  return tx.maybe<ChangedDigest>(sql`
    with previous as (
      select id, state, paused_by
        from digests
       where id = ${id}
         and state = any(${[...change.from]}::text[])
         for no key update
    )
    update digests d
       set state = ${change.to},
           hold_reasons = '{}',
           paused_by = ${change.pausedBy},
           superseded_by = null,
           reason = ${change.reason}
      from previous
     where d.id = previous.id
    returning d.id, d.publication_id, d.cadence, d.period,
              previous.state as previous_state, previous.paused_by as previous_paused_by
  `);
}

/** A digest that was moved from one state to another. */
export type MovedDigest = Pick<Digest, 'id' | 'publicationId'>;

/** approved -> held, for so many readers. */
export function markHeld(
  tx: Tx,
  id: string,
  { holdReasons, readers }: Pick<Digest, 'holdReasons' | 'readers'>,
): Promise<MovedDigest | undefined> {
  return tx.maybe<MovedDigest>(sql`
    update digests
       set state = 'held',
           hold_reasons = ${holdReasons},
           readers = ${readers}
     where id = ${id}
       and state = any(${statesBefore(DIGEST_TRANSITIONS, 'hold')}::text[])
    returning id, publication_id
  `);
}

/** held -> approved, or approved as before: an operator's order that has not begun goes then. */
export function updateSendAt(
  tx: Tx,
  id: string,
  { sendAt, expiresAt }: { sendAt: Date; expiresAt: Date },
): Promise<{ publicationId: string } | undefined> {
  const states: DigestState[] = ['approved', ...statesBefore(DIGEST_TRANSITIONS, 'approve')];
  return tx.maybe(sql`
    update digests
       set state = 'approved',
           hold_reasons = '{}',
           send_at = ${sendAt},
           expires_at = ${expiresAt}
     where id = ${id}
       and cadence = 'operator'
       and state = any(${states}::text[])
    returning publication_id
  `);
}

/** approved -> sending, however long it waited for its approval or its hour. */
export function startApproved(tx: Tx, id: string, expiresAt: Date): Promise<MovedDigest | undefined> {
  return tx.maybe<MovedDigest>(sql`
    update digests
       set state = 'sending',
           expires_at = greatest(expires_at, ${expiresAt})
     where id = ${id}
       and state = any(${statesBefore(DIGEST_TRANSITIONS, 'start')}::text[])
    returning id, publication_id
  `);
}

/** closed -> sending: what joins it or is sent again has as long to arrive as the mails before it had. */
export function reopenClosed(tx: Tx, id: string, expiresAt: Date): Promise<MovedDigest | undefined> {
  return tx.maybe<MovedDigest>(sql`
    update digests
       set state = 'sending',
           expires_at = greatest(expires_at, ${expiresAt})
     where id = ${id}
       and state = any(${statesBefore(DIGEST_TRANSITIONS, 'reopen')}::text[])
    returning id, publication_id
  `);
}

/** What is still to be sent of a digest is given up only then. */
export function extendLifetime(tx: Tx, id: string, expiresAt: Date): Promise<number> {
  return tx.run(sql`
    update digests
       set expires_at = greatest(expires_at, ${expiresAt})
     where id = ${id}
       and state in ('sending', 'paused')
  `);
}

/** Of all digests: what is left of them is given up only then. */
export function extendLifetimes(tx: Tx, expiresAt: Date): Promise<number> {
  return tx.run(sql`
    update digests
       set expires_at = greatest(expires_at, ${expiresAt})
     where state in ('sending', 'paused')
  `);
}

/** sending -> closed, unless a reader has joined since `lastBatch` was read or a batch is still due. */
export function closeAll(
  tx: Tx,
  digests: readonly { id: string; lastBatch: number }[],
): Promise<MovedDigest[]> {
  return tx.many<MovedDigest>(sql`
    update digests g
       set state = 'closed'
      from unnest(${digests.map((digest) => digest.id)}::uuid[],
                  ${digests.map((digest) => digest.lastBatch)}::integer[]) as finished (id, last_batch)
     where g.id = finished.id
       and g.last_batch = finished.last_batch
       and g.state = any(${statesBefore(DIGEST_TRANSITIONS, 'close')}::text[])
       and not exists (select from batches b where b.digest_id = g.id and b.due_at is not null)
    returning g.id, g.publication_id
  `);
}

/** The rendered mails of its lists. `rendered_at` stays: it says that mails of the list were sent. */
export function deleteRenderings(tx: Tx, digestId: string): Promise<number> {
  return tx.run(sql`
    update variants
       set html = null,
           text = null,
           mime = null
     where digest_id = ${digestId}
       and num_nonnulls(html, text, mime) > 0
  `);
}

export function markDetailsDeleted(tx: Tx, id: string, now: Date): Promise<number> {
  return tx.run(sql`
    update digests
       set details_deleted_at = ${now}
     where id = ${id}
  `);
}
