-- A reader may have her mails without pictures, to save data: those are variants of their own.

-- Up Migration

alter table subscriptions add column without_pictures boolean not null default false;

alter table variants add column without_pictures boolean not null default false;
alter table variants drop constraint variants_digest_id_locale_article_ids_format_key;
alter table variants add unique nulls not distinct (digest_id, locale, article_ids, format, without_pictures);
