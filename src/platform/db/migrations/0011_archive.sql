-- Who may read sent digests on the web: everybody, whoever has the address, or nobody.

-- Up Migration

alter table publications
  add column archive text not null default 'public' check (archive in ('public', 'unlisted', 'off'));
