-- Searches of readers that took long among a million: a part of an address with a sign in it, whose pieces pg_trgm leaves out of
-- its index, and a language together with a rhythm or a topic.

-- Up Migration

-- Letters in place of the signs that addresses have: pg_trgm knows only letters and digits, and begins a word after anything else.
create function listed_reader_letters(address text) returns text
language sql immutable parallel safe
return translate(address, '@.-_+', 'qzxjw');

-- How often, in which language and which topics, as words of one index.
create function listed_reader_words(cadence text, locale text, topics text[]) returns text[]
language sql immutable parallel safe
return array['cadence ' || cadence, 'language ' || locale] || array(select 'topic ' || folded_topic(t) from unnest(topics) as t);

create index listed_readers_by_words on listed_readers using gin (listed_reader_words(cadence, locale, topics));
drop index listed_readers_by_tags;
drop function listed_reader_tags(text, text[]);

do $$
begin
  create index listed_readers_by_letters on listed_readers using gin (listed_reader_letters(email_key) gin_trgm_ops);
exception when others then
  raise notice 'Without pg_trgm: %', sqlerrm;
end $$;
drop index if exists listed_readers_by_part;
