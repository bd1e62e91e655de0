-- A reader may want whole articles where the publication sends excerpts, or the other way: her mails are variants of their own.

-- Up Migration

-- Null: as the publication does it.
alter table subscriptions add column format text check (format in ('summary', 'full'));

alter table variants add column format text check (format in ('summary', 'full'));
alter table variants drop constraint variants_digest_id_locale_article_ids_key;
alter table variants add unique nulls not distinct (digest_id, locale, article_ids, format);
