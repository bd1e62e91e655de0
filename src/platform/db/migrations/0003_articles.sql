-- What there is to read: feeds, and the articles they brought.

-- Up Migration

create table feeds (
  id uuid primary key default uuidv7(),
  publication_id uuid not null references publications,
  url text not null,
  title text,
  etag text,
  last_modified text,
  next_poll_at timestamptz not null,
  last_polled_at timestamptz,
  -- The first poll marks what is already there as seen; only the newest few are mailed, when asked for.
  first_poll_done boolean not null default false,
  include_newest integer not null default 0 check (include_newest >= 0),
  failing_since timestamptz,
  failure text,
  removed_at timestamptz,
  created_at timestamptz not null,
  unique (publication_id, url)
);
create index feeds_due on feeds (next_poll_at) where removed_at is null;

-- waiting: in its hold window. held: an operator decides. released: has its number. skipped: known, never mailed.
create table articles (
  id uuid primary key default uuidv7(),
  publication_id uuid not null references publications,
  feed_id uuid references feeds,
  external_id text not null,
  url text,
  title text not null,
  summary text not null,
  content_html text not null,
  authors text[] not null default '{}',
  image text,
  categories text[] not null default '{}',
  published_at timestamptz,
  updated_at timestamptz,
  first_seen_at timestamptz not null,
  state text not null check (state in ('waiting', 'held', 'released', 'skipped', 'retracted')),
  hold_reason text,
  release_at timestamptz not null,
  seq bigint,
  released_at timestamptz,
  unique nulls not distinct (publication_id, feed_id, external_id),
  unique (publication_id, seq),
  check (state <> 'released' or seq is not null),
  check (state <> 'held' or hold_reason is not null)
);
create index articles_newest on articles (publication_id, id);
create index articles_waiting on articles (release_at) where state = 'waiting';
create index articles_held on articles (publication_id) where state = 'held';
