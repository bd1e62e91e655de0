-- The publisher's own words in the mail that welcomes a reader, in Markdown.

-- Up Migration

alter table publications add column welcome_text text;
