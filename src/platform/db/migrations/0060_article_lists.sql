-- Operators look at articles by state, a page at a time.

-- Up Migration

create index articles_by_state on articles (publication_id, state, id);
