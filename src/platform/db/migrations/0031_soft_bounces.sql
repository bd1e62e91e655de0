-- Digests that a reader's mail server deferred. While one of hers waits no other is tried, and what several digests over
-- weeks could not deliver is given up. There are few: mail that is accepted deletes them.

create table soft_bounces (
  subscription_id uuid not null references subscriptions on delete cascade,
  digest_id uuid not null,
  deferred_at timestamptz not null,
  -- When the digest was given up; null while it waits for its next attempt.
  given_up_at timestamptz,
  primary key (subscription_id, digest_id)
);
create index soft_bounces_given_up on soft_bounces (given_up_at) where given_up_at is not null;
