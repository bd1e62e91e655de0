-- Who may read sent digests on the web: everybody, whoever has the address, or nobody; and when each of them went out.

-- Up Migration

alter table publications
  add column archive text not null default 'public' check (archive in ('public', 'unlisted', 'off'));

-- When the first of its mails was composed to go out; null while none was.
alter table digests add column sent_at timestamptz;
update digests g
   set sent_at = (select min(v.rendered_at) from variants v where v.digest_id = g.id);
-- The archive, newest first: a digest that was ordered weeks ahead stands where it went out.
create index digests_archived on digests (publication_id, sent_at, id) where sent_at is not null and audience = '{}';
