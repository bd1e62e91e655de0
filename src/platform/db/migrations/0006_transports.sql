-- The mail servers we hand messages to: how much each may take, which are to be left alone, and keys that sign.

-- Up Migration

-- Each server of SMTP_URL, by host and port. Whoever changes its usage locks its row first.
create table transports (
  id smallint primary key generated always as identity,
  name text not null unique,
  -- The day its warm-up counts from; null until the first message is about to be handed to it.
  first_used_at timestamptz
);

-- What was handed to a server in the present second, minute, hour and day; shared by all workers. One row a span, used
-- again for the next one: nothing grows.
create table transport_usage (
  transport_id smallint not null references transports,
  span text not null check (span in ('second', 'minute', 'hour', 'day')),
  starts_at timestamptz not null,
  used integer not null check (used >= 0),
  primary key (transport_id, span)
);

-- Servers, or recipient domains behind a server, that get no mail for now because of what they answered.
create table circuits (
  id uuid primary key default uuidv7(),
  transport_id smallint not null references transports,
  -- Empty: the whole server.
  domain text not null default '',
  -- They refuse us, they ask us to slow down, or too many readers there are unknown.
  kind text not null check (kind in ('refused', 'throttled', 'bounces')),
  -- The server's own words, in one of the answers that opened it.
  reason text not null,
  -- How many recent answers there were, and how many of them were like that.
  answers integer not null,
  against integer not null,
  opened_at timestamptz not null,
  -- How often in a row it was opened: each time it stays so for twice as long.
  tries smallint not null default 1,
  -- When it is tried again; null: when an operator says so.
  closes_at timestamptz,
  -- It is over; kept for a while, because a storm of bounces that is over still suppresses nobody.
  closed_at timestamptz
);
create unique index circuits_open on circuits (transport_id, domain) where closed_at is null;
create index circuits_closed on circuits (transport_id, domain, closed_at);

-- Keys that sign our mail (DKIM), one private half each, wrapped under every SECRET_KEY in wrapped_keys.
create table dkim_keys (
  id uuid primary key default uuidv7(),
  domain text not null check (domain = lower(domain)),
  selector text not null,
  algorithm text not null check (algorithm in ('rsa-sha256', 'ed25519-sha256')),
  -- What the DNS record publishes, base64.
  public_key text not null,
  created_at timestamptz not null,
  -- It signs from then on; null while its DNS record is being published.
  signs_from timestamptz,
  retired_at timestamptz,
  unique (domain, selector)
);
