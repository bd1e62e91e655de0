-- What programs need: the first answer to each Idempotency-Key, kept for a day.

-- Up Migration

create table idempotency_keys (
  token_id uuid not null references api_tokens,
  key text not null,
  -- Of method, path and body: the same key with anything else is refused.
  request_hash bytea not null,
  -- Null while the first request is still being answered.
  status integer,
  -- As text, so that a repetition gets the very same bytes.
  body json,
  created_at timestamptz not null,
  primary key (token_id, key)
);
create index idempotency_keys_by_age on idempotency_keys (created_at);
