import type { Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import { statesBefore } from '../../platform/db/transitions.js';
import type { AttemptResult } from '../attempt-result.js';
import { MAX_RESENDS } from '../delivery.js';
import { NOTICE_TRANSITIONS } from './transitions.js';
import type { Notice, NoticeKind } from './notice.js';
import { isNotHeld, noticeColumns } from './reads.js';

/** A mail that is not a digest, to a reader or to an operator. */
export type NewNotice = {
  kind: NoticeKind;
  causeId: string;
  publicationId: string;
  expiresAt: Date;
} & ({ subscriptionId: string } | { operatorId: string } | { kind: 'operator-invitation' | 'forward' });

/** A cause leads to one notice for each recipient: undefined when there is one already. */
export function insertNotice(tx: Tx, notice: NewNotice, now: Date): Promise<{ id: string } | undefined> {
  const subscriptionId = 'subscriptionId' in notice ? notice.subscriptionId : null;
  const operatorId = 'operatorId' in notice ? notice.operatorId : null;
  return tx.maybe<{ id: string }>(sql`
    insert into notices (kind, cause_id, publication_id, subscription_id, operator_id, state, due_at, expires_at,
                         created_at, updated_at)
    values (${notice.kind}, ${notice.causeId}, ${notice.publicationId}, ${subscriptionId}, ${operatorId}, 'queued',
            ${now}, ${notice.expiresAt}, ${now}, ${now})
    on conflict (kind, cause_id, operator_id) do nothing
    returning id
  `);
}

/** A notice whose time has come -> sending, leased. Undefined: final, not due, or somebody is sending it. */
export function claimNotice(tx: Tx, id: string, leasedUntil: Date, now: Date): Promise<Notice | undefined> {
  return tx.maybe<Notice>(sql`
    update notices
       set state = 'sending',
           attempt = attempt + 1,
           intent_at = null,
           leased_until = ${leasedUntil},
           updated_at = ${now}
     where id = ${id}
       and due_at <= ${now}
       and state = any(${statesBefore(NOTICE_TRANSITIONS, 'claim')}::text[])
       and ${isNotHeld}
    returning ${noticeColumns}
  `);
}

/** An uncertain notice that is due -> sending once more, though it may have arrived. */
export function claimUncertainNotice(
  tx: Tx,
  id: string,
  leasedUntil: Date,
  now: Date,
): Promise<Notice | undefined> {
  return tx.maybe<Notice>(sql`
    update notices
       set state = 'sending',
           attempt = attempt + 1,
           resends = resends + 1,
           intent_at = null,
           leased_until = ${leasedUntil},
           updated_at = ${now}
     where id = ${id}
       and due_at <= ${now}
       and state = any(${statesBefore(NOTICE_TRANSITIONS, 'resend')}::text[])
       and ${isNotHeld}
       and resends < ${MAX_RESENDS}
    returning ${noticeColumns}
  `);
}

/** An uncertain notice that was sent again often enough has nothing more to do. */
export function stopResendingNotice(tx: Tx, id: string, now: Date): Promise<number> {
  return tx.run(sql`
    update notices
       set due_at = null
     where id = ${id}
       and due_at <= ${now}
       and state = 'uncertain'
       and resends >= ${MAX_RESENDS}
  `);
}

export function renewNotice(tx: Tx, notice: NoticeAttemptKey, leasedUntil: Date): Promise<number> {
  return tx.run(sql`
    update notices
       set leased_until = ${leasedUntil}
     where id = ${notice.id}
       and attempt = ${notice.attempt}
       and state = 'sending'
  `);
}

export type NoticeAttemptKey = Pick<Notice, 'id' | 'attempt'>;

/** Records that the final dot is about to go out. Zero: it must not, another worker has this notice by now. */
export function recordNoticeIntent(
  tx: Tx,
  notice: NoticeAttemptKey,
  addressHash: Buffer,
  now: Date,
): Promise<number> {
  return tx.run(sql`
    update notices
       set intent_at = ${now},
           address_hash = ${addressHash}
     where id = ${notice.id}
       and attempt = ${notice.attempt}
       and state = 'sending'
  `);
}

/** sending, or uncertain for a late reply -> how the attempt ended. */
export function recordNoticeResult(
  tx: Tx,
  notice: NoticeAttemptKey,
  result: AttemptResult,
  dueAt: Date | null,
  now: Date,
): Promise<number> {
  return tx.run(sql`
    update notices
       set state = ${result.state},
           skip_reason = ${result.skipReason},
           answer = ${result.answer},
           provider_message_id = ${result.providerMessageId},
           deferrals = deferrals + ${result.state === 'deferred' ? 1 : 0},
           due_at = ${dueAt},
           leased_until = null,
           updated_at = ${now}
     where id = ${notice.id}
       and attempt = ${notice.attempt}
       and state = any(${statesBefore(NOTICE_TRANSITIONS, 'record')}::text[])
  `);
}

export function deleteNoticesOf(tx: Tx, subscriptionIds: string[]): Promise<number> {
  return tx.run(sql`
    delete from notices
     where subscription_id = any(${subscriptionIds}::uuid[])
  `);
}
