-- A whole domain can be kept from mail, what put an address on the list is known, a page of the list is found by an index, and
-- planning and the list recognise a reader's address by its keyed hash without making it anew for each.

-- Up Migration

-- The keyed hash of `email_key`, which only a process with SECRET_KEY can make: null until one has. An erased reader has none.
alter table subscribers add column address_hash bytea;
create index subscribers_by_address_hash on subscribers (address_hash);
create index subscribers_to_hash on subscribers (id) where address_hash is null and email_key not like 'erased %';

create function email_domain(email_key text) returns text
language sql immutable parallel safe
return split_part(email_key, '@', -1);
create index subscribers_by_domain on subscribers (email_domain(email_key));

-- Of a domain: `address_hash` is the keyed hash of an @ and the domain. Domains are names of organisations, and stay readable.
alter table suppressions
  add column domain text check (domain = lower(domain)),
  add column source text check (source in ('mail-server', 'report', 'reader', 'operator', 'file', 'import'));

create function suppression_source(reason text) returns text
language sql immutable parallel safe
return case reason
         when 'bounced' then 'mail-server'
         when 'complained' then 'report'
         when 'operator' then 'operator'
         else 'reader'
       end;

update suppressions set source = suppression_source(reason);
alter table suppressions alter column source set not null;

-- Who suppresses an address for one of the reasons is known from the reason, unless it is said.
create function set_suppression_source() returns trigger
language plpgsql as $$
begin
  if new.source is null or (tg_op = 'UPDATE' and new.source = old.source) then
    new.source := suppression_source(new.reason);
  end if;
  return new;
end $$;

create trigger set_suppression_source before insert on suppressions
  for each row when (new.source is null)
  execute function set_suppression_source();
create trigger change_suppression_source before update of reason on suppressions
  for each row when (old.reason <> new.reason)
  execute function set_suppression_source();

-- Ids sort by time: a page is the newest of each reason and source that is asked for. As text, or Postgres reads all ids backwards where it
-- expects to find some soon, and goes through the whole table for a reason that nothing has.
create index suppressions_listed on suppressions (publication_id, reason, source, (id::text collate "C"));
create index suppressions_of_domains on suppressions (domain) where domain is not null;

-- A file of addresses, before an operator has said that they are added: no address of it is stored.
create table suppression_files (
  id uuid primary key default uuidv7(),
  -- Null: for all publications.
  publication_id uuid references publications,
  note text not null,
  state text not null check (state in ('reading', 'ready', 'running', 'done')),
  actor_kind text not null,
  actor_id uuid,
  lines integer not null default 0,
  -- Of the lines: what cannot be read, what stood there before, and what is new.
  unreadable integer not null default 0,
  found integer not null default 0,
  domains integer not null default 0,
  added integer not null default 0,
  present integer not null default 0,
  created_at timestamptz not null,
  finished_at timestamptz
);
create index suppression_files_by_age on suppression_files (created_at);

create table suppression_file_rows (
  file_id uuid not null references suppression_files on delete cascade,
  address_hash bytea not null,
  domain text,
  line integer not null,
  is_done boolean not null default false,
  primary key (file_id, address_hash)
);
create index suppression_file_rows_to_do on suppression_file_rows (file_id, address_hash) where not is_done;

-- The first few lines that cannot be read; what stood in them is not stored.
create table suppression_file_mistakes (
  file_id uuid not null references suppression_files on delete cascade,
  line integer not null,
  mistake text not null check (mistake in ('no-address', 'too-long', 'not-text')),
  primary key (file_id, line)
);
