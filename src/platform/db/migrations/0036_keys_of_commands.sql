-- The command line takes an Idempotency-Key too, and has no token.

alter table idempotency_keys
  drop constraint idempotency_keys_pkey,
  -- Null: the command line.
  alter column token_id drop not null,
  add constraint idempotency_keys_of_caller unique nulls not distinct (token_id, key);
