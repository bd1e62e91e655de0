-- Programs that look at mail for people press every button they find. The page of a confirmation link has a button that no person
-- sees; what presses it takes back that this page confirmed, and who opened the page herself is left alone.

-- Up Migration

-- A visit is one page of a confirmation link, by the number in it. It is remembered for ten minutes after its last press.
create table confirm_visits (
  subscription_id uuid not null references subscriptions on delete cascade,
  visit text not null,
  -- Its last press on the button that confirms.
  pressed_at timestamptz,
  -- Its last press on the button that nobody sees.
  trapped_at timestamptz,
  changed_at timestamptz not null,
  -- The consent that its press made. Null: another visit had confirmed already, or it was taken back.
  consent_id uuid references consents on delete cascade,
  -- What the press changed, as it was: the subscription, suppressions that it lifted, and mails that count towards a cap.
  before jsonb,
  -- Where it was pressed, for publications that keep evidence.
  ip inet,
  agent text,
  primary key (subscription_id, visit)
);
create index confirm_visits_by_age on confirm_visits (changed_at);

-- A program made it, not a person.
alter table consents add column taken_back_at timestamptz;

create or replace function count_changed_reader() returns trigger
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
  elsif before in ('confirmed', 'paused') and after in ('pending', 'unsubscribed')
        and new.confirmed_at is distinct from old.confirmed_at then
    -- Her confirmation is taken back: on that day one fewer has joined, and none has paused.
    insert into count_changes (name, owner_id, key, at, count)
    select 'reader-changes', new.publication_id, key, quarter_hour_of(coalesce(at, now())), -1
      from (values (array[after, 'confirmed'], old.confirmed_at), (array['confirmed', 'paused'], old.paused_at)) as undone (key, at)
     where before = 'paused' or key[2] = 'confirmed';
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
