-- A publisher's own wording of the subjects of digests.

-- Up Migration

-- Null: the first title, and how many more there are.
alter table publications add column subject_template text;
