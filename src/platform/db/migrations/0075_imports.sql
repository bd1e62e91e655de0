-- Readers who are brought from another product. Its files are kept in parts until they have been read, each of their rows is judged
-- against who is here already, and an operator sees the numbers before anybody is added. Nobody is mailed by that: who is added is
-- `added` until mailing is started.

-- Up Migration

alter table subscriptions drop constraint subscriptions_status_check;
alter table subscriptions add constraint subscriptions_status_check
  check (status in ('pending', 'added', 'confirmed', 'paused', 'unsubscribed')) not valid;
alter table subscriptions validate constraint subscriptions_status_check;

alter table listed_readers drop constraint listed_readers_status_check;
alter table listed_readers add constraint listed_readers_status_check
  check (status in ('pending', 'added', 'confirmed', 'paused', 'unsubscribed')) not valid;
alter table listed_readers validate constraint listed_readers_status_check;

alter table consents drop constraint consents_kind_check;
alter table consents add constraint consents_kind_check
  check (kind in ('confirmed', 'unsubscribed', 'resumed', 'never', 'never-undone', 'paused', 'changed', 'imported')) not valid;
alter table consents validate constraint consents_kind_check;

create table imports (
  id uuid primary key default uuidv7(),
  publication_id uuid not null references publications,
  -- A product that we know (the step `import/read` has the list), or 'other'; and its name, as readers know it.
  product text not null,
  product_name text not null check (product_name <> ''),
  -- `open`: files and answers come in; `checked`: the numbers are there, and an operator has to say so.
  state text not null check (state in ('open', 'checking', 'checked', 'adding', 'added', 'undoing', 'undone')),
  -- What is done with those who agreed there: they are mailed once an operator starts it, or each is asked to confirm.
  consent text not null check (consent in ('mail', 'ask')),
  -- Where and how they agreed, in an operator's words.
  statement text,
  -- For readers of whom the files do not say it.
  cadence text not null check (cadence in ('instant', 'daily', 'weekly', 'monthly')),
  timezone text not null,
  -- Null: no date needs it.
  date_order text check (date_order in ('day-first', 'month-first')),
  -- Most confirmation mails in an hour.
  asks_per_hour integer not null default 200 check (asks_per_hour between 1 and 100000),
  -- Why a check or a step after it broke off, and where; the files are kept.
  problem text,
  problem_file smallint,
  problem_line integer,
  -- Numbers by outcome: of the check, and of what was done.
  found jsonb,
  done jsonb not null default '{}',
  -- The rows up to this address hash have been worked on.
  position bytea,
  -- When mailing starts, by how many a day at first (each day twice as many); null: all at once.
  start_at timestamptz,
  starts_per_day integer check (starts_per_day > 0),
  started integer not null default 0,
  -- Why no more of its readers are started.
  start_stopped text check (start_stopped in ('bounces', 'operator')),
  actor_kind text not null,
  actor_id uuid,
  created_at timestamptz not null,
  checked_at timestamptz,
  added_at timestamptz,
  undone_at timestamptz
);
create index imports_by_publication on imports (publication_id, id);
create index imports_at_work on imports (id) where state in ('checking', 'adding', 'undoing');
create index imports_to_start on imports (start_at) where state = 'added' and start_at is not null;
-- Two that are added at once would judge each other's rows.
create unique index imports_one_at_a_time on imports (publication_id) where state in ('adding', 'undoing');

create table import_files (
  import_id uuid not null references imports on delete cascade,
  number smallint not null,
  name text not null,
  bytes bigint not null default 0,
  is_complete boolean not null default false,
  -- Which column means what, one word a column, by an operator or as suggested; null: not known yet.
  columns text[],
  -- The table in it: header, first rows, and what was suggested.
  preview jsonb,
  primary key (import_id, number)
);

create table import_file_parts (
  import_id uuid not null,
  file smallint not null,
  number integer not null,
  bytes bytea not null,
  primary key (import_id, file, number),
  foreign key (import_id, file) references import_files on delete cascade
);
alter table import_file_parts alter column bytes set storage external;

-- What the files say of an address; among several rows the strongest. They are deleted once they have been worked on.
create table import_rows (
  import_id uuid not null references imports on delete cascade,
  address_hash bytea not null,
  domain_hash bytea not null,
  email text not null,
  email_key text not null,
  status text not null check (status in ('subscribed', 'unconfirmed', 'unsubscribed', 'bounced', 'complained', 'blocked')),
  locale text,
  timezone text,
  cadence text check (cadence in ('instant', 'daily', 'weekly', 'monthly')),
  topics text[] not null,
  joined_at timestamptz,
  left_at timestamptz,
  -- What links in mails of the old product name her by.
  old_id text,
  old_key text,
  primary key (import_id, address_hash)
);

create table import_mistakes (
  import_id uuid not null references imports on delete cascade,
  file smallint not null,
  line integer not null,
  mistake text not null,
  -- Its cells, so that they can be mended and imported again.
  cells text[] not null,
  primary key (import_id, file, line)
);

-- Of each reader who was brought: what her mails say of it, and what undoing takes back.
create table imported_readers (
  subscription_id uuid primary key references subscriptions on delete cascade deferrable initially deferred,
  import_id uuid not null references imports,
  -- Whether she was asked to confirm here before, and had not.
  was_pending boolean not null default false,
  -- When she joined there; null: the files do not say.
  joined_at timestamptz,
  imported_at timestamptz not null,
  -- When her mailing was started.
  started_at timestamptz,
  -- The digest that says it at its top: her first one.
  first_digest_id uuid
);
create index imported_readers_of_import on imported_readers (import_id, subscription_id);
create index imported_readers_to_start on imported_readers (import_id, subscription_id) where started_at is null;

-- Who is to be asked whether she confirms, in the order of the list.
create table import_asks (
  import_id uuid not null references imports on delete cascade,
  address_hash bytea not null,
  email text not null,
  locale text,
  timezone text,
  primary key (import_id, address_hash)
);

-- Who is added joins on the day on which her mailing starts, whenever she joined elsewhere.
create or replace function count_added_readers() returns trigger
language plpgsql as $$
begin
  insert into count_changes (name, owner_id, key, count)
  select c.name, s.publication_id, c.key, count(*)
    from added s,
         reader_counts(counted_status(s.status, s.erased_at), s.cadence, s.topics) c
   group by c.name, s.publication_id, c.key;
  insert into count_changes (name, owner_id, key, at, count)
  select 'reader-changes', s.publication_id, array['', counted_status(s.status, s.erased_at)],
         quarter_hour_of(case when s.status in ('confirmed', 'paused') then coalesce(s.confirmed_at, s.created_at) else s.created_at end),
         count(*)
    from added s
   group by s.publication_id, 3, 4;
  return null;
end $$;

-- The source of who is brought is the product she comes from.
create or replace function list_added_readers() returns trigger
language plpgsql as $$
begin
  insert into listed_readers (publication_id, subscription_id, email_key, status, cadence, locale, topics, source, joined_at)
  select s.publication_id, s.id, p.email_key, s.status, s.cadence, s.locale, s.topics, m.product_name, coalesce(s.confirmed_at, s.created_at)
    from added s
    join subscribers p on p.id = s.subscriber_id
    left join imported_readers i on i.subscription_id = s.id
    left join imports m on m.id = i.import_id
   where s.erased_at is null;
  return null;
end $$;
