-- When an operator ordered a digest to go, so that lists and pages can say it. It stood in a job only, and in the day on
-- which the digest is given up.

-- Up Migration

-- Null for digests of a rhythm, which go as each reader is due.
alter table digests add column send_at timestamptz;
update digests
   set send_at = expires_at - interval '3 days'
 where cadence = 'operator'
   and state = 'approved';
