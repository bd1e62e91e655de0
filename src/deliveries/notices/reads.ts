import type { Db, Tx } from '../../platform/db/database.js';
import { raw, sql } from '../../platform/db/sql.js';
import type { DeliveryState } from '../delivery.js';

export type NoticeKind = Notice['kind'];

/** Every mail that is not a digest. */
export type Notice = ReaderNotice | OperatorNotice;

export type ReaderNotice = SubscriptionNotice | SelfServiceNotice;

/** On the way to a subscription. */
export type SubscriptionNotice = NoticeRow & {
  kind: 'confirmation' | 'already-subscribed' | 'welcome';
  subscriptionId: string;
};

/** About what a reader asked about herself. */
export type SelfServiceNotice = NoticeRow & { kind: SelfServiceKind; subscriptionId: string };

/** What a reader asked about herself: her link, another address, mail again after it had stopped. */
export type SelfServiceKind =
  'manage-link' | 'address-confirm' | 'address-asked' | 'address-moved' | 'address-returned' | 'repair';

/** Its cause is the alert. */
export type OperatorNotice = NoticeRow & { kind: 'alert'; operatorId: string };

type NoticeRow = {
  id: string;
  causeId: string;
  publicationId: string;
  state: DeliveryState;
  attempt: number;
  dueAt: Date | null;
  answer: string | null;
  expiresAt: Date;
  createdAt: Date;
};

export const noticeColumns = raw(`
  id, kind, cause_id, publication_id, subscription_id, operator_id, state, attempt, due_at, answer, expires_at, created_at
`);

export function listIdleNotices(db: Db | Tx, now: Date, limit: number): Promise<{ noticeId: string }[]> {
  return db.many(sql`
    select id as notice_id
      from notices
     where due_at <= ${now}
       and (leased_until is null or leased_until < ${now})
     order by due_at
     limit ${limit}
  `);
}

/** How many notices of a kind a reader was promised since a moment. */
export async function countNoticesSince(
  db: Db | Tx,
  subscriptionId: string,
  kind: NoticeKind,
  since: Date,
): Promise<number> {
  const { count } = await db.one<{ count: number }>(sql`
    select count(*) as count
      from notices
     where subscription_id = ${subscriptionId}
       and kind = ${kind}
       and created_at > ${since}
  `);
  return count;
}
