-- One article under many names, from several feeds; and the holds that an operator decides once for all they cover.

-- Up Migration

-- The unusual of one arrival that have one reason in common. Undecided while an article of it is still held.
create table article_holds (
  id uuid primary key default uuidv7(),
  publication_id uuid not null references publications,
  feed_id uuid references feeds,
  code text not null
    check (code in ('flood', 'ids-changed', 'old', 'scheduled', 'empty', 'same-address', 'same-title', 'by-hand')),
  -- A sentence for an operator.
  reason text not null,
  held_at timestamptz not null
);
create index article_holds_newest on article_holds (publication_id, id);

-- What an article is known by: a kind and a hash. Feeds rename, move and repeat what they brought.
create table article_names (
  publication_id uuid not null references publications,
  name text not null,
  article_id uuid not null references articles,
  primary key (publication_id, name)
);

-- Which feeds carry an article, and what each said last.
create table article_sightings (
  feed_id uuid not null references feeds,
  article_id uuid not null references articles,
  -- A hash of all it said.
  version text not null,
  categories text[] not null,
  -- When the feed did not show it any more.
  gone_at timestamptz,
  primary key (feed_id, article_id)
);
create index article_sightings_shown on article_sightings (feed_id) where gone_at is null;
create index article_sightings_article on article_sightings (article_id);

alter table articles
  -- One id may come back for another article: names say which is which.
  drop constraint articles_publication_id_feed_id_external_id_key,
  add column hold_id uuid references article_holds,
  -- Who took it back: an operator for good, a feed until it shows it again.
  add column retraction text check (retraction in ('by-hand', 'vanished'));
create index articles_of_hold on articles (hold_id) where state = 'held';
create index articles_title on articles (publication_id, upper(title));

-- What was there before.
insert into article_names (publication_id, name, article_id)
select publication_id,
       'id:' || left(encode(sha256(convert_to(
         case when external_id ~* '^(https?:|tag:|urn:)' then '' else coalesce(feed_id::text, 'push') end
           || E'\n' || external_id, 'UTF8')), 'hex'), 32),
       id
  from articles
on conflict do nothing;

insert into article_holds (publication_id, feed_id, code, reason, held_at)
select publication_id, feed_id, 'by-hand', hold_reason, min(first_seen_at)
  from articles
 where state = 'held'
 group by publication_id, feed_id, hold_reason;

update articles a
   set hold_id = h.id
  from article_holds h
 where a.state = 'held'
   and h.publication_id = a.publication_id
   and h.feed_id is not distinct from a.feed_id
   and h.reason = a.hold_reason;

update articles
   set retraction = 'by-hand'
 where state = 'retracted';

alter table articles
  add check (state <> 'held' or hold_id is not null),
  add check (state <> 'retracted' or retraction is not null);
