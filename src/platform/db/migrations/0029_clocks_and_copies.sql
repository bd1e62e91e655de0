-- What tells that a clock is wrong, and that the database was restored from an older copy or is a copy of another.

-- Up Migration

-- Processes whose clocks are minutes from Postgres'. Times are Postgres' own.
create table clock_differences (
  owner text primary key,
  ahead_ms bigint not null,
  found_at timestamptz not null,
  seen_at timestamptz not null
);

-- One row. The counter grows with each batch and notice that is sent; DATA_DIR and Redis keep the highest they have seen.
create table installation (
  only_row boolean primary key default true check (only_row),
  id uuid not null default uuidv7(),
  counter bigint not null default 0,
  -- Of the Postgres cluster (pg_control_system), where we may read it: a copy runs in another one.
  system_identifier text,
  -- Since when no mail goes out until an operator has decided, and why.
  held_since timestamptz,
  held_reason text check (held_reason in ('older', 'copy', 'said')),
  -- The highest counter that had survived elsewhere.
  survived_counter bigint
);
insert into installation default values;

alter table alerts
  drop constraint alerts_kind_check,
  add constraint alerts_kind_check check (
    kind in ('held-digest', 'paused-digest', 'open-circuit', 'failing-feeds', 'held-articles', 'attack', 'failed-rows',
             'wrong-clock', 'restored'));

-- What may have been sent before the database was restored. The rows that are there fit, so none is looked at.
alter table deliveries
  drop constraint deliveries_skip_reason_check,
  add constraint deliveries_skip_reason_check check (skip_reason in (
    'pending', 'paused', 'unsubscribed', 'erased', 'suppressed', 'address-changed', 'archived', 'expired', 'cancelled',
    'restored', 'not-composed', 'sender-fault', 'confirmed-meanwhile', 'over', 'removed')) not valid;
alter table notices
  drop constraint notices_skip_reason_check,
  add constraint notices_skip_reason_check check (skip_reason in (
    'pending', 'paused', 'unsubscribed', 'erased', 'suppressed', 'address-changed', 'archived', 'expired', 'cancelled',
    'restored', 'not-composed', 'sender-fault', 'confirmed-meanwhile', 'over', 'removed')) not valid;
