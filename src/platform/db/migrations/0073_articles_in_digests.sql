-- Which digests have an article is found by an index, and an answer that is given once more is judged by what it was about.

-- Up Migration

create index variants_by_article on variants using gin (article_ids);

-- Null: the request was about several publications, or the whole server.
alter table idempotency_keys add column publication_id uuid;
