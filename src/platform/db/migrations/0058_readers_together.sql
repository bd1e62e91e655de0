-- What is done with many readers at once: first they are found and counted, then an operator sees the number and says so, then a
-- worker does it with each of them.

-- Up Migration

create table reader_changes (
  id uuid primary key default uuidv7(),
  publication_id uuid not null references publications,
  action text not null check (action in ('pause', 'resume', 'unsubscribe', 'restore', 'erase')),
  -- Whom an operator chose; null once they have been found: a part of an address may be in it.
  filter jsonb,
  -- Another one that this takes back: it is for those whom that one changed.
  undoes uuid unique references reader_changes,
  state text not null check (state in ('counting', 'ready', 'running', 'stopped', 'done')),
  actor_kind text not null,
  actor_id uuid,
  found integer not null default 0,
  changed integer not null default 0,
  -- Of those found: who had left meanwhile, for example.
  unchanged integer not null default 0,
  created_at timestamptz not null,
  finished_at timestamptz
);
create index reader_changes_by_age on reader_changes (created_at);

-- `outcome` null: it has not been her turn.
create table reader_change_items (
  change_id uuid not null references reader_changes on delete cascade,
  subscription_id uuid not null,
  outcome text check (outcome in ('changed', 'unchanged')),
  primary key (change_id, subscription_id)
);
create index reader_change_items_to_do on reader_change_items (change_id, subscription_id) where outcome is null;
