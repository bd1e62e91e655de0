import { arrayLiteral, byteaArrayLiteral, dateArrayLiteral } from '../../platform/db/array-literal.js';
import type { Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import type { EventClass, EventScope, EventSource } from '../event.js';
import type { EventMatch } from '../names.js';

export type NewEvent = {
  key: Buffer;
  source: EventSource;
  class: EventClass;
  scope: EventScope;
  status: string | null;
  code: number | null;
  reason: string | null;
  occurredAt: Date;
  match: EventMatch;
  publicationId: string | null;
  digestId: string | null;
  subscriptionId: string | null;
  noticeId: string | null;
  sentAt: Date | null;
  inboundMailId: string | null;
};

/** @returns the keys of those that were not there before */
export function insertEvents(tx: Tx, rows: readonly NewEvent[], now: Date): Promise<{ key: Buffer }[]> {
  const column = <Name extends keyof NewEvent>(name: Name) => rows.map((row) => row[name]);
  return tx.many(sql`
    insert into events (key, source, class, scope, status, code, reason, occurred_at, received_at, match, publication_id,
                        digest_id, subscription_id, notice_id, sent_at, inbound_mail_id)
    select key, source, class, scope, status, code, reason, occurred_at, ${now}, match, publication_id, digest_id,
           subscription_id, notice_id, sent_at, inbound_mail_id
      from unnest(${byteaArrayLiteral(column('key'))}::bytea[], ${arrayLiteral(column('source'))}::text[],
                  ${arrayLiteral(column('class'))}::text[], ${arrayLiteral(column('scope'))}::text[],
                  ${arrayLiteral(column('status'))}::text[], ${arrayLiteral(column('code'))}::smallint[],
                  ${arrayLiteral(column('reason'))}::text[], ${dateArrayLiteral(column('occurredAt'))}::timestamptz[],
                  ${arrayLiteral(column('match'))}::text[], ${arrayLiteral(column('publicationId'))}::uuid[],
                  ${arrayLiteral(column('digestId'))}::uuid[], ${arrayLiteral(column('subscriptionId'))}::uuid[],
                  ${arrayLiteral(column('noticeId'))}::uuid[], ${dateArrayLiteral(column('sentAt'))}::timestamptz[],
                  ${arrayLiteral(column('inboundMailId'))}::uuid[])
           as incoming (key, source, class, scope, status, code, reason, occurred_at, match, publication_id, digest_id,
                        subscription_id, notice_id, sent_at, inbound_mail_id)
     order by key
        on conflict (key) do nothing
    returning key
  `);
}

/** Until the transaction ends, no other changes readers because of events. */
export async function awaitPolicyTurn(tx: Tx): Promise<void> {
  await tx.run(sql`select pg_advisory_xact_lock(hashtext('event policy'))`);
}
