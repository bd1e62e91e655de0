-- Providers that take our mail tell later, by webhook, what became of it. A hook is one account or topic whose requests are
-- taken; what proves them differs from provider to provider.

-- Up Migration

create table provider_hooks (
  id uuid primary key default uuidv7(),
  provider text not null check (provider in ('ses', 'mailgun', 'postmark', 'sendgrid', 'brevo')),
  -- Amazon SES: the SNS topic whose messages are taken. Any AWS account can sign messages of its own topics.
  topic_arn text unique,
  -- SendGrid: the key that its signatures are checked with (SubjectPublicKeyInfo, DER).
  public_key bytea unique,
  -- Postmark and Brevo sign nothing: SHA-256 of the secret that their requests carry.
  secret_hash bytea unique,
  -- waiting: nothing genuine has come yet. ended: the topic no longer sends to us.
  state text not null default 'waiting' check (state in ('waiting', 'confirmed', 'ended')),
  last_event_at timestamptz,
  -- The last request that was refused, and why; at most one a minute is written down.
  refused_at timestamptz,
  refusal text,
  created_at timestamptz not null,
  -- The signing key of Mailgun is needed in clear: it is in wrapped_keys.
  check (num_nonnulls(topic_arn, public_key, secret_hash) = (provider <> 'mailgun')::int),
  check ((topic_arn is not null) = (provider = 'ses')),
  check ((public_key is not null) = (provider = 'sendgrid'))
);
create index provider_hooks_by_provider on provider_hooks (provider);

-- What came, byte for byte, for 30 days: it can be read again after an upgrade, and a repeat is known by its key.
create table provider_requests (
  id uuid primary key default uuidv7(),
  hook_id uuid not null references provider_hooks on delete cascade,
  key text not null,
  body bytea not null,
  received_at timestamptz not null,
  -- Null: its events are not recorded yet.
  recorded_at timestamptz,
  -- When a worker does what the request that brought it could not.
  retry_at timestamptz not null,
  -- How many events of it were recorded, are of a kind that says nothing of a delivery, and could not be read.
  recorded integer not null default 0,
  ignored integer not null default 0,
  unread integer not null default 0,
  unique (hook_id, key)
);
create index provider_requests_by_age on provider_requests (received_at);
create index provider_requests_open on provider_requests (retry_at) where recorded_at is null;
create index provider_requests_unread on provider_requests (hook_id, received_at) where unread > 0;
