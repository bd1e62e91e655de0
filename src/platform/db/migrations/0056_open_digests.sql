-- The first page of a newsletter shows what of each rhythm is not over, also where there are tens of thousands of digests.

-- Up Migration

create index digests_not_over on digests (publication_id, id)
 where state in ('held', 'approved', 'sending', 'paused') and cadence in ('daily', 'weekly', 'monthly');
