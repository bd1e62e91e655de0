import type { Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import type { Hook, Refusal } from './hook.js';
import type { StoredRequest } from './reads.js';

export type NewHook = Pick<Hook, 'provider' | 'topicArn' | 'publicKey' | 'secretHash'>;

/** Undefined: there is one with this topic or key. */
export function insertHook(
  tx: Tx,
  { provider, topicArn, publicKey, secretHash }: NewHook,
  now: Date,
): Promise<{ id: string } | undefined> {
  return tx.maybe(sql`
    insert into provider_hooks (provider, topic_arn, public_key, secret_hash, created_at)
    values (${provider}, ${topicArn}, ${publicKey}, ${secretHash}, ${now})
    on conflict do nothing
    returning id
  `);
}

export function deleteHook(tx: Tx, id: string): Promise<Pick<Hook, 'provider'> | undefined> {
  return tx.maybe(sql`
    delete from provider_hooks
     where id = ${id}
    returning provider
  `);
}

/** A secret that replaces the one before: undefined for a hook that has none. */
export function replaceSecret(
  tx: Tx,
  id: string,
  secretHash: Buffer,
): Promise<Pick<Hook, 'provider'> | undefined> {
  return tx.maybe(sql`
    update provider_hooks
       set secret_hash = ${secretHash}
     where id = ${id}
       and secret_hash is not null
    returning provider
  `);
}

export function setHookState(tx: Tx, id: string, state: Hook['state']): Promise<number> {
  return tx.run(sql`
    update provider_hooks
       set state = ${state},
           refused_at = null,
           refusal = null
     where id = ${id}
       and state <> ${state}
  `);
}

/** Strangers can have this written: once a minute at most. */
export function recordRefusal(tx: Tx, ids: readonly string[], refusal: Refusal, now: Date): Promise<number> {
  return tx.run(sql`
    update provider_hooks
       set refused_at = ${now},
           refusal = ${refusal}
     where id = any(${[...ids]}::uuid[])
       and (refused_at is null or refused_at < ${now}::timestamptz - interval '1 minute' or refused_at > ${now})
  `);
}

/** Undefined: a request with this key was stored before. */
export function insertRequest(
  tx: Tx,
  { hookId, key, body }: { hookId: string; key: string; body: Buffer },
  now: Date,
): Promise<{ id: string } | undefined> {
  return tx.maybe(sql`
    insert into provider_requests (hook_id, key, body, received_at, retry_at)
    values (${hookId}, ${key}, ${body}, ${now}, ${now}::timestamptz + interval '1 minute')
    on conflict (hook_id, key) do nothing
    returning id
  `);
}

export type RequestCounts = { recorded: number; ignored: number; unread: number };

/** 0: it was recorded meanwhile. */
export function markRequestRecorded(
  tx: Tx,
  id: string,
  { recorded, ignored, unread }: RequestCounts,
  now: Date,
): Promise<number> {
  return tx.run(sql`
    update provider_requests
       set recorded_at = ${now},
           recorded = ${recorded},
           ignored = ${ignored},
           unread = ${unread}
     where id = ${id}
       and recorded_at is null
  `);
}

/** What came proves that the provider reaches us. */
export function recordHookEvent(tx: Tx, hookId: string, receivedAt: Date): Promise<number> {
  return tx.run(sql`
    update provider_hooks
       set last_event_at = greatest(last_event_at, ${receivedAt}),
           state = 'confirmed'
     where id = ${hookId}
  `);
}

/** Twice as long after it came each time. */
export function postponeRequest(
  tx: Tx,
  { id, receivedAt }: Pick<StoredRequest, 'id' | 'receivedAt'>,
  now: Date,
): Promise<number> {
  return tx.run(sql`
    update provider_requests
       set retry_at = ${now}::timestamptz + greatest(interval '1 minute', ${now}::timestamptz - ${receivedAt})
     where id = ${id}
       and recorded_at is null
  `);
}

/** Also those whose events could never be recorded. */
export function deleteRequestsBefore(tx: Tx, before: Date, limit: number): Promise<number> {
  return tx.run(sql`
    delete from provider_requests
     where id in (select id
                    from provider_requests
                   where received_at < ${before}
                   order by received_at
                   limit ${limit})
  `);
}

export function insertTestBounce(
  tx: Tx,
  { hookId, publicationId }: { hookId: string; publicationId: string },
  now: Date,
): Promise<{ id: string }> {
  return tx.one(sql`
    insert into test_bounces (hook_id, publication_id, state, created_at, updated_at)
    values (${hookId}, ${publicationId}, 'queued', ${now}, ${now})
    returning id
  `);
}

/** 0: another worker has it. */
export function claimTestBounce(tx: Tx, id: string, now: Date): Promise<number> {
  return tx.run(sql`
    update test_bounces
       set state = 'sending',
           updated_at = ${now}
     where id = ${id}
       and state = 'queued'
  `);
}

/** What became of sending it. A bounce that is back already says more. */
export function recordTestBounce(
  tx: Tx,
  id: string,
  { state, answer }: { state: 'accepted' | 'uncertain' | 'failed'; answer: string | null },
  now: Date,
): Promise<number> {
  return tx.run(sql`
    update test_bounces
       set state = ${state},
           answer = ${answer},
           updated_at = ${now}
     where id = ${id}
       and state in ('queued', 'sending')
  `);
}

/** Nobody else mails the simulator: its bounce is that of every test that is out. */
export function returnTestBounces(tx: Tx, hookId: string, now: Date): Promise<number> {
  return tx.run(sql`
    update test_bounces
       set state = 'returned',
           updated_at = ${now}
     where hook_id = ${hookId}
       and state in ('sending', 'accepted', 'uncertain')
  `);
}

/** Of all who add hooks, one at a time. */
export function lockHooks(tx: Tx): Promise<number> {
  return tx.run(sql`lock table provider_hooks in share row exclusive mode`);
}

export function deleteTestBouncesBefore(tx: Tx, before: Date): Promise<number> {
  return tx.run(sql`
    delete from test_bounces
     where created_at < ${before}
  `);
}
