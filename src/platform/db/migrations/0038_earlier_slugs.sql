-- A slug that was changed took every form, feed and archive link on the publisher's site with it. Earlier ones lead on, and
-- no other publication can take them.

-- Up Migration

-- Every slug that a publication has or had, from when on.
create table publication_slugs (
  slug text primary key,
  -- A slug is reserved before its publication is there: two who want one then wait for each other in one order.
  publication_id uuid not null references publications deferrable initially deferred,
  since timestamptz not null default now(),
  -- In the order in which they were taken.
  number bigint generated always as identity
);
create index publication_slugs_by_publication on publication_slugs (publication_id, number);

insert into publication_slugs (slug, publication_id, since)
select slug, id, created_at
  from publications;
