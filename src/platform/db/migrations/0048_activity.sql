-- What was changed, by whom and when: one row for each change, written in the transaction of the change. It has ids and codes
-- of readers, and no address, secret or token.

-- Up Migration

-- Without foreign keys: a row outlives what it is about, and writing one locks no other row.
create table activity (
  -- Made by the process: it sorts by the time of its own clock, as created_at.
  id uuid primary key,
  created_at timestamptz not null,
  actor_kind text not null check (actor_kind in ('operator', 'token', 'command-line', 'reader', 'system')),
  actor_id uuid,
  -- noun.verb; which there are, and what each has before and after, stands in src/operators/activity/kinds.
  kind text not null,
  subject_type text not null,
  -- Null: several, which `after` counts.
  subject_id uuid,
  -- Null: it is about the whole server.
  publication_id uuid,
  before jsonb,
  after jsonb,
  check ((actor_kind in ('operator', 'token')) = (actor_id is not null))
);

-- The newest of some kinds, of a publication or of all; of one thing; of one operator or program; of people and programs.
create index activity_of_publication on activity (publication_id, kind, id);
create index activity_of_kind on activity (kind, id);
create index activity_of_subject on activity (subject_id, id);
create index activity_of_actor on activity (actor_id, id) where actor_id is not null;
create index activity_by_people on activity (actor_kind, id) where actor_kind in ('operator', 'token', 'command-line');

-- Rows are added, and deleted when their time is over, by a transaction that says so; nothing changes one.
create function forbid_activity_change() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' and current_setting('paperround.purges', true) = 'activity' then
    return old;
  end if;
  raise exception 'activity is append-only' using errcode = 'restrict_violation';
end
$$;
create trigger activity_append_only before update or delete on activity
  for each row execute function forbid_activity_change();
create trigger activity_not_truncated before truncate on activity
  for each statement execute function forbid_activity_change();
