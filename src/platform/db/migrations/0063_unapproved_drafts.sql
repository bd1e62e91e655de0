-- What becomes of a digest whose words nobody approved in time: it goes without them, or waits.

-- Up Migration

alter table publications
  add column unapproved_words text not null default 'leave-out' check (unapproved_words in ('leave-out', 'wait'));
