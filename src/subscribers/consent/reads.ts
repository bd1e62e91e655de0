import type { Db, Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';

export function findConsent(
  db: Db | Tx,
  id: string,
): Promise<
  { id: string; subscriptionId: string; kind: string; createdAt: Date; takenBackAt: Date | null } | undefined
> {
  return db.maybe(sql`
    select id, subscription_id, kind, created_at, taken_back_at
      from consents
     where id = ${id}
  `);
}

/** A consent with the words she agreed to. */
export type ConsentRecord = {
  kind: string;
  wording: string | null;
  wordingVersion: string | null;
  source: string | null;
  requestedAt: Date | null;
  createdAt: Date;
  /** A program had pressed the button: it is no consent. */
  takenBackAt: Date | null;
  requestIp: string | null;
  requestAgent: string | null;
  confirmIp: string | null;
  confirmAgent: string | null;
};

export function listConsents(db: Db | Tx, subscriptionId: string): Promise<ConsentRecord[]> {
  return db.many<ConsentRecord>(sql`
    select c.kind, w.body as wording, c.wording_version, c.source, c.requested_at, c.created_at, c.taken_back_at,
           host(c.request_ip) as request_ip, c.request_agent, host(c.confirm_ip) as confirm_ip, c.confirm_agent
      from consents c
      left join consent_wordings w on w.version = c.wording_version
     where c.subscription_id = ${subscriptionId}
     order by c.created_at, c.id
  `);
}
