-- A row that throws is left out, so that it does not keep others waiting, and stands here: which operation could not process
-- it, why, since when, and when it is tried again. Few at any time, and none when all is well.
create table failed_rows (
  operation text not null,
  kind text not null check (kind in ('subscription', 'article', 'feed', 'notice', 'sign-up', 'digest', 'publication')),
  row_id uuid not null,
  publication_id uuid not null references publications,
  code text not null,
  failures integer not null default 1,
  failing_since timestamptz not null,
  failed_at timestamptz not null,
  -- Null: not tried again.
  retry_at timestamptz,
  primary key (operation, row_id)
);
create index failed_rows_by_publication on failed_rows (publication_id, failing_since);

alter table alerts
  drop constraint alerts_kind_check,
  add constraint alerts_kind_check check (
    kind in ('held-digest', 'paused-digest', 'open-circuit', 'failing-feeds', 'held-articles', 'attack', 'failed-rows'));
