-- A token has a maker, whose rights it never exceeds, and may be bound to one newsletter. Tokens that are there were made by
-- the command line, as those that it makes from now on.

-- Up Migration

alter table api_tokens
  add column operator_id uuid references operators,
  add column publication_id uuid references publications;
create index api_tokens_by_publication on api_tokens (publication_id) where publication_id is not null;
