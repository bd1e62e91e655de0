-- What we publish, who reads it, and the proof that she asked for it.

-- Up Migration

create table publications (
  id uuid primary key default uuidv7(),
  slug text not null unique check (slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
  name text not null check (name <> ''),
  site_url text not null,
  from_name text not null,
  from_address text not null,
  notice_address text,
  reply_to text,
  postal_address text,
  contact text,
  locale text not null default 'en',
  timezone text not null default 'UTC',
  default_cadence text not null default 'daily'
    check (default_cadence in ('instant', 'daily', 'weekly', 'monthly')),
  hour smallint not null default 7 check (hour between 0 and 23),
  weekday smallint not null default 1 check (weekday between 1 and 7),
  day_of_month smallint not null default 1 check (day_of_month between 1 and 31),
  -- What readers may choose among; an article belongs to those of its categories that are here.
  topics text[] not null default '{}',
  hold_minutes integer not null default 10 check (hold_minutes >= 0),
  content_mode text not null default 'summary' check (content_mode in ('summary', 'full')),
  approval boolean not null default false,
  accent text check (accent ~ '^#[0-9a-f]{6}$'),
  logo text,
  -- The number of the newest released article. Given under this row's lock: nobody reads a larger one before a smaller.
  last_seq bigint not null default 0,
  -- Every instant reader has been planned up to this number.
  instant_planned_seq bigint not null default 0,
  created_at timestamptz not null,
  archived_at timestamptz
);

-- A person, by address. `email` is how she wrote it; `email_key` is its folded form, one person each.
create table subscribers (
  id uuid primary key default uuidv7(),
  email text not null,
  email_key text not null unique,
  created_at timestamptz not null
);

-- One person reading one publication. The fill factor leaves a page room for a new version of each of its rows: planning
-- moves a million watermarks at once, in place where no index is touched, and rows stay where their ids lead.
create table subscriptions (
  id uuid primary key default uuidv7(),
  publication_id uuid not null references publications,
  subscriber_id uuid not null references subscribers,
  status text not null check (status in ('pending', 'confirmed', 'paused', 'unsubscribed')),
  -- Raising it revokes confirm and manage links; unsubscribe links ignore it.
  generation integer not null default 1,
  locale text not null,
  cadence text not null check (cadence in ('instant', 'daily', 'weekly', 'monthly')),
  hour smallint not null check (hour between 0 and 23),
  weekday smallint not null check (weekday between 1 and 7),
  day_of_month smallint not null check (day_of_month between 1 and 31),
  timezone text not null,
  -- Empty: every article.
  topics text[] not null default '{}',
  -- The newest article number that was planned for her: she is due the released ones above it.
  watermark bigint not null default 0,
  next_due_at timestamptz,
  created_at timestamptz not null,
  confirmed_at timestamptz,
  unsubscribed_at timestamptz,
  -- Also finds what a person reads.
  unique (subscriber_id, publication_id)
) with (fillfactor = 50);
create index subscriptions_due on subscriptions (next_due_at) where status = 'confirmed';
create index subscriptions_instant on subscriptions (publication_id, id) where status = 'confirmed' and cadence = 'instant';
create index subscriptions_newest on subscriptions (publication_id, id);
create index subscriptions_unconfirmed on subscriptions (created_at) where status = 'pending';

-- What a visitor typed into a form. Answered by a job, so that every address costs the request the same.
create table sign_up_requests (
  id uuid primary key default uuidv7(),
  publication_id uuid not null references publications,
  email text not null,
  locale text,
  timezone text,
  cadence text,
  topics text[] not null default '{}',
  source text,
  created_at timestamptz not null,
  subscription_id uuid references subscriptions,
  outcome text check (outcome in ('confirmation', 'already-subscribed', 'capped', 'suppressed'))
);
create index sign_up_requests_by_subscription on sign_up_requests (subscription_id, created_at);
create index sign_up_requests_by_age on sign_up_requests (created_at);

-- The exact words a reader agreed to, once per wording.
create table consent_wordings (
  version text primary key,
  body text not null,
  first_used_at timestamptz not null
);

-- The kept proof. Rows are only ever added.
create table consents (
  id uuid primary key default uuidv7(),
  subscription_id uuid not null references subscriptions,
  kind text not null check (kind in ('confirmed', 'unsubscribed', 'resumed', 'never')),
  wording_version text references consent_wordings,
  source text,
  requested_at timestamptz,
  created_at timestamptz not null
);
create index consents_by_subscription on consents (subscription_id, created_at);

-- How often an address was mailed without having clicked; counted by keyed hash, so it outlives requests and queues.
create table asked_addresses (
  address_hash bytea not null,
  publication_id uuid not null references publications,
  asked_at timestamptz not null
);
create index asked_addresses_by_address on asked_addresses (address_hash, asked_at);
create index asked_addresses_by_age on asked_addresses (asked_at);

-- An address that is never mailed again, whatever else is true; publication_id null means by any publication.
create table suppressions (
  id uuid primary key default uuidv7(),
  address_hash bytea not null,
  publication_id uuid references publications,
  reason text not null check (reason in ('never', 'bounced', 'complained', 'operator', 'erased')),
  created_at timestamptz not null,
  unique nulls not distinct (address_hash, publication_id)
);
