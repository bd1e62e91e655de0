-- A newsletter that is being set up takes readers in and sends them no digest until an operator makes it live. All that are
-- there are live.

-- Up Migration

alter table publications
  -- Null: it is being set up.
  add column live_at timestamptz default now(),
  -- Articles up to this number count as sent: they came out before it was live.
  add column live_after_seq bigint not null default 0;

update publications
   set live_at = created_at;
