-- Articles in some categories are on the site alone: nobody is mailed them.

-- Up Migration

alter table publications
  add column never_email_categories text[] not null default '{}';
