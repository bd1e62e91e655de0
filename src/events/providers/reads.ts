import type { Db, Tx } from '../../platform/db/database.js';
import { raw, sql } from '../../platform/db/sql.js';
import type { Hook } from './hook.js';
import type { Provider } from './provider.js';

const hookColumns = raw(
  'id, provider, topic_arn, public_key, secret_hash, state, last_event_at, refused_at, refusal, created_at',
);

/** Few: each is an account that somebody has set up. */
export function listHooksOf(db: Db | Tx, provider: Provider): Promise<Hook[]> {
  return db.many(sql`
    select ${hookColumns}
      from provider_hooks
     where provider = ${provider}
     order by id
  `);
}

export function findHook(db: Db | Tx, id: string): Promise<Hook | undefined> {
  return db.maybe(sql`
    select ${hookColumns}
      from provider_hooks
     where id = ${id}
  `);
}

/** With how many events of each could not be read within the time that requests are kept, and since when some wait to be recorded. */
export type ListedHook = Hook & { unread: number; waitingSince: Date | null };

export function listHooks(db: Db | Tx): Promise<ListedHook[]> {
  return db.many(sql`
    select ${hookColumns},
           (select coalesce(sum(unread), 0)::int
              from provider_requests
             where hook_id = h.id
               and unread > 0) as unread,
           (select min(received_at)
              from provider_requests
             where hook_id = h.id
               and recorded_at is null) as waiting_since
      from provider_hooks h
     order by id
  `);
}

/** What came in one request, as it was stored. */
export type StoredRequest = {
  id: string;
  hookId: string;
  provider: Provider;
  body: Buffer;
  receivedAt: Date;
};

export function findRequest(
  db: Db | Tx,
  hookId: string,
  key: string,
): Promise<(StoredRequest & { recordedAt: Date | null }) | undefined> {
  return db.maybe(sql`
    select r.id, r.hook_id, h.provider, r.body, r.received_at, r.recorded_at
      from provider_requests r
      join provider_hooks h on h.id = r.hook_id
     where r.hook_id = ${hookId}
       and r.key = ${key}
  `);
}

/** Those that the request which brought them did not record. */
export function listRequestsToRetry(db: Db, now: Date, limit: number): Promise<StoredRequest[]> {
  return db.many(sql`
    select r.id, r.hook_id, h.provider, r.body, r.received_at
      from provider_requests r
      join provider_hooks h on h.id = r.hook_id
     where r.recorded_at is null
       and r.retry_at <= ${now}
     order by r.retry_at
     limit ${limit}
  `);
}

/** A mail to the simulator, sent to see that bounces are heard. */
export type TestBounce = {
  id: string;
  hookId: string;
  publicationId: string;
  state: 'queued' | 'sending' | 'accepted' | 'uncertain' | 'failed' | 'returned';
  answer: string | null;
  createdAt: Date;
  updatedAt: Date;
};

export function findTestBounce(db: Db | Tx, id: string): Promise<TestBounce | undefined> {
  return db.maybe(sql`
    select id, hook_id, publication_id, state, answer, created_at, updated_at
      from test_bounces
     where id = ${id}
  `);
}

/** The newest of each hook. */
export function listLastTestBounces(db: Db | Tx): Promise<TestBounce[]> {
  return db.many(sql`
    select distinct on (hook_id) id, hook_id, publication_id, state, answer, created_at, updated_at
      from test_bounces
     order by hook_id, id desc
  `);
}

export async function countTestBouncesSince(db: Db | Tx, hookId: string, since: Date): Promise<number> {
  const { count } = await db.one<{ count: number }>(sql`
    select count(*)::int as count
      from test_bounces
     where hook_id = ${hookId}
       and created_at > ${since}
  `);
  return count;
}
