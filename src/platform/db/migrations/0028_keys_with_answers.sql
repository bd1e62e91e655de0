-- An Idempotency-Key is written with the answer, in the transaction that makes the thing: none waits for its answer any more.

-- Up Migration

delete from idempotency_keys where status is null;
alter table idempotency_keys alter column status set not null;
