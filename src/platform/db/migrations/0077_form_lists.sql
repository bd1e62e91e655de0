-- A form that was made for another product names one of its lists: which newsletter that is.

-- Up Migration

alter table publications
  add column form_lists text[] not null default '{}';
