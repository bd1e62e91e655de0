-- Exports that a program asked for: what is to be in the file, and how far it was read. The file itself is made while it is read.

-- Up Migration

create table exports (
  id uuid primary key default uuidv7(),
  publication_id uuid not null references publications,
  format text not null check (format in ('csv', 'jsonl')),
  filter jsonb not null,
  -- The key of the hashes of suppressions, sealed with a pass phrase that is not stored.
  suppression_key jsonb,
  state text not null default 'ready' check (state in ('ready', 'running', 'done', 'broken-off')),
  readers integer not null default 0,
  created_at timestamptz not null,
  finished_at timestamptz
);
create index exports_by_age on exports (created_at);
