-- Digests that look unusual are held before anybody is planned: what they are compared with, and finding them.

-- Up Migration

-- How many readers of its rhythm there were when it began; null for an operator's own digest.
alter table digests add column readers integer;

create index digests_held on digests (publication_id, cadence) where state = 'held';
