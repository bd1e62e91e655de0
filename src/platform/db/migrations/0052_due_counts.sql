-- How many readers are due when, by the digest that they will be in: counted every few minutes for newsletters with so many
-- readers that no page can count them.

-- Up Migration

create table due_counts (
  publication_id uuid not null references publications,
  cadence text not null check (cadence in ('daily', 'weekly', 'monthly')),
  -- As in `digests`.
  period text not null,
  due_at timestamptz not null,
  -- When the period has ended in the last time zone.
  closes_at timestamptz not null,
  readers integer not null,
  primary key (publication_id, cadence, period, due_at)
);
