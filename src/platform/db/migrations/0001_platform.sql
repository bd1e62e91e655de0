-- What the house itself needs: promised jobs, the clock of repeated work, wrapped keys, operators' sessions.

-- Up Migration

-- A job promised inside the transaction that made it necessary. The row lives until the job's handler has finished.
create table outbox (
  id bigint generated always as identity primary key,
  name text not null,
  payload jsonb not null,
  due_at timestamptz not null,
  offers integer not null default 0,
  created_at timestamptz not null
);
create index outbox_due on outbox (due_at);
create index outbox_waiting on outbox (name);

-- When each repeated piece of work is promised next; moving next_at is what makes one worker the one that promises it.
create table schedules (
  name text primary key,
  next_at timestamptz not null
);

-- Keys that outlive SECRET_KEY, each stored once per SECRET_KEY that can open it.
create table wrapped_keys (
  purpose text not null,
  key_id text not null,
  wrapped bytea not null,
  primary key (purpose, key_id)
);

create table api_tokens (
  id uuid primary key default uuidv7(),
  name text not null,
  scopes text[] not null check (scopes <@ array['read', 'write', 'send'] and cardinality(scopes) > 0),
  token_hash bytea not null unique,
  created_at timestamptz not null,
  last_used_at timestamptz,
  revoked_at timestamptz
);

-- One-time links into the operator's pages, hashed.
create table operator_links (
  token_hash bytea primary key,
  expires_at timestamptz not null,
  used_at timestamptz
);

-- The shape that connect-pg-simple reads and writes.
create table operator_sessions (
  sid text primary key,
  sess json not null,
  expire timestamp(6) not null
);
create index operator_sessions_expire on operator_sessions (expire);

-- The shape that rate-limiter-flexible reads and writes: how often a network asked, by hash.
create table rate_limits (
  key varchar(255) primary key,
  points integer not null default 0,
  expire bigint
);
create index rate_limits_expire on rate_limits (expire);
