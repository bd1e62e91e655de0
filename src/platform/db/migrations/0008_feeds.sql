-- How often a feed is looked at follows from how often it publishes; one whose address is gone for good is left alone.

-- Up Migration

alter table feeds
  add column poll_minutes integer not null default 10 check (poll_minutes between 1 and 1440),
  add column last_new_at timestamptz,
  add column gone_at timestamptz;
create index feeds_failing on feeds (failing_since) where failing_since is not null and removed_at is null;
