-- The list of readers has rows of its own: planning writes every subscription anew each day, and each further index on them would
-- make it slower. What is looked for in a list changes seldom.

-- Up Migration

-- Months are counted from the year 0, in UTC.
create function month_number(moment timestamptz) returns integer
language sql immutable parallel safe
return case when isfinite(moment)
            then (extract(year from moment at time zone 'UTC') * 12 + extract(month from moment at time zone 'UTC'))::integer end;

-- Topics are the same whatever their case, as planning has it.
create function folded_topic(topic text) returns text
language sql immutable parallel safe
return lower(btrim(normalize(topic, nfc)));

-- The page of a form, without what a link to it carried.
create function form_page(source text) returns text
language sql immutable parallel safe
return nullif(left(split_part(split_part(source, '#', 1), '?', 1), 300), '');

-- Every subscription but erased ones.
create table listed_readers (
  publication_id uuid not null,
  subscription_id uuid not null,
  email_key text not null,
  status text not null check (status in ('pending', 'confirmed', 'paused', 'unsubscribed')),
  cadence text not null check (cadence in ('instant', 'daily', 'weekly', 'monthly')),
  locale text not null,
  topics text[] not null,
  -- The page whose form she confirmed last.
  source text,
  -- When she confirmed last, or else when she was added: the order of the list.
  joined_at timestamptz not null,
  -- The last month in which a digest was accepted for her; null: none was. Of digests that are over.
  mailed_month integer,
  -- When a digest for her bounced last, since she confirmed.
  bounced_at timestamptz,
  primary key (publication_id, subscription_id)
) with (fillfactor = 80);

-- How often and which topics, as words of one index.
create function listed_reader_tags(cadence text, topics text[]) returns text[]
language sql immutable parallel safe
return array['cadence ' || cadence] || array(select 'topic ' || folded_topic(t) from unnest(topics) as t);

insert into listed_readers (publication_id, subscription_id, email_key, status, cadence, locale, topics, source, joined_at)
select s.publication_id, s.id, p.email_key, s.status, s.cadence, s.locale, s.topics,
       (select form_page(c.source)
          from consents c
         where c.subscription_id = s.id
           and c.kind = 'confirmed'
         order by c.created_at desc
         limit 1),
       coalesce(s.confirmed_at, s.created_at)
  from subscriptions s
  join subscribers p on p.id = s.subscriber_id
 where s.erased_at is null
 order by s.publication_id, s.id;

create index listed_readers_newest on listed_readers (publication_id, joined_at, subscription_id) where status <> 'pending';
create index listed_readers_by_status on listed_readers (publication_id, status, joined_at, subscription_id);
create index listed_readers_by_locale on listed_readers (publication_id, locale);
create index listed_readers_by_source on listed_readers (publication_id, source);
create index listed_readers_by_month on listed_readers (publication_id, mailed_month);
create index listed_readers_bounced on listed_readers (publication_id, joined_at) where bounced_at is not null;
create index listed_readers_by_address on listed_readers (publication_id, email_key text_pattern_ops);
create index listed_readers_by_tags on listed_readers using gin (listed_reader_tags(cadence, topics));

-- Any part of an address is found at once with pg_trgm, an extension that comes with most installations of Postgres. Without it the
-- same search goes through the addresses.
do $$
begin
  create extension if not exists pg_trgm;
  create index listed_readers_by_part on listed_readers using gin (email_key gin_trgm_ops);
exception when others then
  raise notice 'Without pg_trgm: %', sqlerrm;
end $$;

create function list_added_readers() returns trigger
language plpgsql as $$
begin
  insert into listed_readers (publication_id, subscription_id, email_key, status, cadence, locale, topics, joined_at)
  select s.publication_id, s.id, p.email_key, s.status, s.cadence, s.locale, s.topics, coalesce(s.confirmed_at, s.created_at)
    from added s
    join subscribers p on p.id = s.subscriber_id
   where s.erased_at is null;
  return null;
end $$;

create trigger list_added_readers after insert on subscriptions
  referencing new table as added
  for each statement execute function list_added_readers();

create function unlist_removed_readers() returns trigger
language plpgsql as $$
begin
  delete from listed_readers l
   using removed s
   where l.publication_id = s.publication_id
     and l.subscription_id = s.id;
  return null;
end $$;

create trigger unlist_removed_readers after delete on subscriptions
  referencing old table as removed
  for each statement execute function unlist_removed_readers();

create function list_changed_reader() returns trigger
language plpgsql as $$
begin
  if new.erased_at is not null then
    delete from listed_readers
     where publication_id = new.publication_id
       and subscription_id = new.id;
    return null;
  end if;
  update listed_readers
     set email_key = (select p.email_key from subscribers p where p.id = new.subscriber_id),
         status = new.status,
         cadence = new.cadence,
         locale = new.locale,
         topics = new.topics,
         joined_at = coalesce(new.confirmed_at, new.created_at),
         bounced_at = case when new.confirmed_at is not distinct from old.confirmed_at then bounced_at end
   where publication_id = new.publication_id
     and subscription_id = new.id;
  return null;
end $$;

-- For each row, since planning updates a million rows at once and changes none of these columns: of those nothing is asked.
create trigger list_changed_reader
  after update of status, erased_at, cadence, locale, topics, confirmed_at, subscriber_id on subscriptions
  for each row
  when ((old.status, old.erased_at, old.cadence, old.locale, old.topics, old.confirmed_at, old.subscriber_id)
        is distinct from
        (new.status, new.erased_at, new.cadence, new.locale, new.topics, new.confirmed_at, new.subscriber_id))
  execute function list_changed_reader();

create function list_source_of_reader() returns trigger
language plpgsql as $$
begin
  update listed_readers l
     set source = form_page(c.source)
    from added c
    join subscriptions s on s.id = c.subscription_id
   where c.kind = 'confirmed'
     and l.publication_id = s.publication_id
     and l.subscription_id = s.id
     and l.source is distinct from form_page(c.source);
  return null;
end $$;

create trigger list_source_of_reader after insert on consents
  referencing new table as added
  for each statement execute function list_source_of_reader();

-- When the readers of a digest that is over were noted as mailed. One that goes on is noted again.
alter table digests add column mailed_noted_at timestamptz;
create index digests_to_note on digests (id) where mailed_noted_at is null and state in ('closed', 'cancelled');

create function note_digest_again() returns trigger
language plpgsql as $$
begin
  new.mailed_noted_at := null;
  return new;
end $$;

create trigger note_digest_again before update of state on digests
  for each row when (old.state = 'closed' and new.state <> 'closed' and old.mailed_noted_at is not null)
  execute function note_digest_again();
