-- Numbers that people look at are kept up to date with each change, so that no page counts a million rows. A change is a row of
-- its own, which waits for nobody's lock and can be in nobody's way; a job adds the changes up.

-- Up Migration

-- `owner_id`: a publication or a digest; all zeros: no single one. `at`: the beginning of the quarter of an hour, where a
-- number is kept for each. `key`: which of the numbers of that name.
create table count_changes (
  name text not null,
  owner_id uuid not null,
  key text[] not null,
  at timestamptz,
  count bigint not null
);
create index count_changes_by_owner on count_changes (name, owner_id);

create table count_sums (
  name text not null,
  owner_id uuid not null,
  key text[] not null,
  at timestamptz,
  count bigint not null,
  unique nulls not distinct (name, owner_id, at, key)
) with (fillfactor = 70);
create index count_sums_by_age on count_sums (name, at) where at is not null;
-- Nothing is left to be counted: deleted when changes are added up.
create index count_sums_of_nothing on count_sums (name) where count = 0;

create view counts as
select name, owner_id, key, at, count from count_sums
 union all
select name, owner_id, key, at, count from count_changes;

-- The offset of every zone from UTC is whole quarters of an hour: from these the days of any zone are added up.
create function quarter_hour_of(moment timestamptz) returns timestamptz
language sql stable parallel safe
return date_bin(
  '15 minutes',
  case when isfinite(moment) then moment else now() end,
  timestamptz '2000-01-01 00:00:00+00'
);

-- What an erased reader left is counted apart.
create function counted_status(status text, erased_at timestamptz) returns text
language sql immutable parallel safe
return case when erased_at is null then status else 'erased' end;

-- The numbers that one subscription counts in: by state and rhythm; of confirmed ones also by topics.
create function reader_counts(status text, cadence text, topics text[]) returns table (name text, key text[])
language sql immutable parallel safe
begin atomic
  select 'readers', array[status, cadence]
  union all
  select 'reader-topics', array[cadence] || array(select distinct t from unnest(topics) as t order by t)
   where status = 'confirmed';
end;

create function count_added_readers() returns trigger
language plpgsql as $$
begin
  insert into count_changes (name, owner_id, key, count)
  select c.name, s.publication_id, c.key, count(*)
    from added s,
         reader_counts(counted_status(s.status, s.erased_at), s.cadence, s.topics) c
   group by c.name, s.publication_id, c.key;
  insert into count_changes (name, owner_id, key, at, count)
  select 'reader-changes', s.publication_id, array['', counted_status(s.status, s.erased_at)],
         quarter_hour_of(case when s.status = 'pending' then s.created_at else coalesce(s.confirmed_at, s.created_at) end), count(*)
    from added s
   group by s.publication_id, 3, 4;
  return null;
end $$;

create trigger count_added_readers after insert on subscriptions
  referencing new table as added
  for each statement execute function count_added_readers();

create function count_removed_readers() returns trigger
language plpgsql as $$
begin
  insert into count_changes (name, owner_id, key, count)
  select c.name, s.publication_id, c.key, -count(*)
    from removed s,
         reader_counts(counted_status(s.status, s.erased_at), s.cadence, s.topics) c
   group by c.name, s.publication_id, c.key;
  insert into count_changes (name, owner_id, key, at, count)
  select 'reader-changes', s.publication_id, array[counted_status(s.status, s.erased_at), ''], quarter_hour_of(now()), count(*)
    from removed s
   group by s.publication_id, 3;
  return null;
end $$;

create trigger count_removed_readers after delete on subscriptions
  referencing old table as removed
  for each statement execute function count_removed_readers();

-- For each row, since planning updates a million rows at once and changes none of these columns: of those nothing is asked.
create function count_changed_reader() returns trigger
language plpgsql as $$
declare
  before text := counted_status(old.status, old.erased_at);
  after text := counted_status(new.status, new.erased_at);
begin
  insert into count_changes (name, owner_id, key, count)
  select name, publication_id, key, sum(change)
    from (select old.publication_id, c.name, c.key, -1 as change
            from reader_counts(before, old.cadence, old.topics) c
           union all
          select new.publication_id, c.name, c.key, 1
            from reader_counts(after, new.cadence, new.topics) c) as moved
   group by name, publication_id, key
  having sum(change) <> 0;
  if before = 'unsubscribed' and after in ('confirmed', 'paused') and new.confirmed_at is not distinct from old.confirmed_at then
    -- She takes back that she left: on that day one fewer has.
    insert into count_changes (name, owner_id, key, at, count)
    values ('reader-changes', new.publication_id, array[after, before], quarter_hour_of(coalesce(old.unsubscribed_at, now())), -1);
  elsif before <> after then
    insert into count_changes (name, owner_id, key, at, count)
    values ('reader-changes', new.publication_id, array[before, after], quarter_hour_of(coalesce(
      case after
        when 'confirmed' then case when new.confirmed_at is distinct from old.confirmed_at then new.confirmed_at end
        when 'paused' then new.paused_at
        when 'unsubscribed' then new.unsubscribed_at
        when 'erased' then new.erased_at
      end, now())), 1);
  end if;
  return null;
end $$;

create trigger count_changed_reader
  after update of status, erased_at, cadence, topics on subscriptions
  for each row
  when ((old.status, old.erased_at, old.cadence, old.topics) is distinct from (new.status, new.erased_at, new.cadence, new.topics))
  execute function count_changed_reader();

-- Held sign-ups, altogether (the empty key) and for each reason; one with two reasons counts for both.
create function held_sign_up_counts(reasons text[]) returns table (key text[])
language sql immutable parallel safe
begin atomic
  select '{}'::text[] union all select array[r] from (select distinct unnest(reasons) as r) as each;
end;

create function count_held_sign_up() returns trigger
language plpgsql as $$
begin
  if tg_op = 'UPDATE' and old.outcome = 'held' then
    insert into count_changes (name, owner_id, key, count)
    select 'held-sign-ups', old.publication_id, key, -1 from held_sign_up_counts(old.reasons);
  end if;
  if new.outcome = 'held' then
    insert into count_changes (name, owner_id, key, count)
    select 'held-sign-ups', new.publication_id, key, 1 from held_sign_up_counts(new.reasons);
  end if;
  return null;
end $$;

create trigger count_added_held_sign_up after insert on sign_up_requests
  for each row when (new.outcome = 'held') execute function count_held_sign_up();
create trigger count_changed_held_sign_up after update of outcome, reasons on sign_up_requests
  for each row
  when ((old.outcome = 'held' or new.outcome = 'held') and (old.outcome, old.reasons) is distinct from (new.outcome, new.reasons))
  execute function count_held_sign_up();

create function count_removed_held_sign_ups() returns trigger
language plpgsql as $$
begin
  insert into count_changes (name, owner_id, key, count)
  select 'held-sign-ups', r.publication_id, c.key, -count(*)
    from removed r, held_sign_up_counts(r.reasons) c
   where r.outcome = 'held'
   group by r.publication_id, c.key;
  return null;
end $$;

create trigger count_removed_held_sign_ups after delete on sign_up_requests
  referencing old table as removed
  for each statement execute function count_removed_held_sign_ups();

-- Suppressions by reason; those for all publications under no single one.
create function count_added_suppressions() returns trigger
language plpgsql as $$
begin
  insert into count_changes (name, owner_id, key, count)
  select 'suppressions', coalesce(publication_id, '00000000-0000-0000-0000-000000000000'), array[reason], count(*)
    from added
   group by 2, 3;
  return null;
end $$;

create trigger count_added_suppressions after insert on suppressions
  referencing new table as added
  for each statement execute function count_added_suppressions();

create function count_removed_suppressions() returns trigger
language plpgsql as $$
begin
  insert into count_changes (name, owner_id, key, count)
  select 'suppressions', coalesce(publication_id, '00000000-0000-0000-0000-000000000000'), array[reason], -count(*)
    from removed
   group by 2, 3;
  return null;
end $$;

create trigger count_removed_suppressions after delete on suppressions
  referencing old table as removed
  for each statement execute function count_removed_suppressions();

create function count_changed_suppression() returns trigger
language plpgsql as $$
begin
  insert into count_changes (name, owner_id, key, count)
  values ('suppressions', coalesce(old.publication_id, '00000000-0000-0000-0000-000000000000'), array[old.reason], -1),
         ('suppressions', coalesce(new.publication_id, '00000000-0000-0000-0000-000000000000'), array[new.reason], 1);
  return null;
end $$;

create trigger count_changed_suppression after update of publication_id, reason on suppressions
  for each row
  when ((old.publication_id, old.reason) is distinct from (new.publication_id, new.reason))
  execute function count_changed_suppression();

create function count_article() returns trigger
language plpgsql as $$
begin
  if tg_op <> 'INSERT' then
    insert into count_changes (name, owner_id, key, count) values ('articles', old.publication_id, array[old.state], -1);
  end if;
  if tg_op <> 'DELETE' then
    insert into count_changes (name, owner_id, key, count) values ('articles', new.publication_id, array[new.state], 1);
  end if;
  return null;
end $$;

create trigger count_article after insert or delete on articles
  for each row execute function count_article();
create trigger count_changed_article after update of state on articles
  for each row when (old.state <> new.state) execute function count_article();

create function count_leave_reason() returns trigger
language plpgsql as $$
begin
  if tg_op <> 'INSERT' then
    insert into count_changes (name, owner_id, key, at, count)
    values ('leave-reasons', old.publication_id, array[old.reason], quarter_hour_of(old.created_at), -1);
  end if;
  if tg_op <> 'DELETE' then
    insert into count_changes (name, owner_id, key, at, count)
    values ('leave-reasons', new.publication_id, array[new.reason], quarter_hour_of(new.created_at), 1);
  end if;
  return null;
end $$;

create trigger count_leave_reason after insert or update or delete on leave_reasons
  for each row execute function count_leave_reason();

-- What is there already. Deliveries are counted by the statements that change them: a trigger that sees each of a million rows
-- would cost as much as half of such a statement.
insert into count_sums (name, owner_id, key, count)
select 'deliveries', digest_id, case when state = 'skipped' then array[state, skip_reason] else array[state] end, count(*)
  from deliveries
 group by 2, 3;

-- Where to look for deliveries in a state that few are in.
insert into count_sums (name, owner_id, key, count)
select 'batch-deliveries', digest_id, array[state, batch::text], count(*)
  from deliveries
 where state in ('deferred', 'rejected', 'uncertain', 'skipped')
 group by 2, 3;

insert into count_sums (name, owner_id, key, count)
select c.name, s.publication_id, c.key, count(*)
  from subscriptions s,
       reader_counts(counted_status(s.status, s.erased_at), s.cadence, s.topics) c
 group by c.name, s.publication_id, c.key;

-- The last change of each kind that a row still shows; who came and went before that is in none of them.
with moments as (
  select publication_id, status, erased_at, created_at, paused_at, unsubscribed_at,
         case when erased_at is null then confirmed_at
              else (select max(c.created_at) from consents c where c.subscription_id = s.id and c.kind = 'confirmed')
          end as confirmed_at
    from subscriptions s
), changes as (
  select publication_id, array['', 'pending'] as key, created_at as at from moments
   union all
  select publication_id, array['pending', 'confirmed'], confirmed_at from moments
   union all
  select publication_id, array['confirmed', 'paused'], paused_at from moments where status = 'paused'
   union all
  select publication_id, array[case when confirmed_at is null then 'pending' else 'confirmed' end, 'unsubscribed'], unsubscribed_at
    from moments
   where status = 'unsubscribed'
   union all
  select publication_id, array['unsubscribed', 'erased'], erased_at from moments
)
insert into count_sums (name, owner_id, key, at, count)
select 'reader-changes', publication_id, key, quarter_hour_of(at), count(*)
  from changes
 where at > now() - interval '400 days'
   and isfinite(at)
 group by publication_id, key, quarter_hour_of(at);

insert into count_sums (name, owner_id, key, count)
select 'held-sign-ups', r.publication_id, c.key, count(*)
  from sign_up_requests r, held_sign_up_counts(r.reasons) c
 where r.outcome = 'held'
 group by 2, 3;

insert into count_sums (name, owner_id, key, count)
select 'suppressions', coalesce(publication_id, '00000000-0000-0000-0000-000000000000'), array[reason], count(*)
  from suppressions
 group by 2, 3;

insert into count_sums (name, owner_id, key, count)
select 'articles', publication_id, array[state], count(*)
  from articles
 group by 2, 3;

insert into count_sums (name, owner_id, key, at, count)
select 'leave-reasons', publication_id, array[reason], quarter_hour_of(created_at), count(*)
  from leave_reasons
 group by 2, 3, 4;
