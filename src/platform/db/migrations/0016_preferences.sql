-- What a reader decides after she has confirmed: to rest for a while, to be written to at most once a day, why she left.

-- Up Migration

alter table subscriptions
  -- Since when she rests. Kept while she is unsubscribed, so that taking that back leads back into the pause.
  add column paused_at timestamptz,
  -- Null: until she says so.
  add column paused_until timestamptz,
  -- What she misses meanwhile comes afterwards, in one digest.
  add column catch_up boolean not null default false,
  -- While her watermark is below this, an instant reader gets what she missed as one digest.
  add column catch_up_to bigint,
  -- Of a reader of each article: what is too much for one mail a day waits for the next.
  add column at_most_daily boolean not null default false;
create index subscriptions_resting on subscriptions (paused_until) where status = 'paused';

-- Why she left, if she says so; one answer each, to be counted.
create table leave_reasons (
  subscription_id uuid primary key references subscriptions,
  publication_id uuid not null references publications,
  reason text not null check (reason in ('too-many', 'not-relevant', 'never-asked', 'other')),
  created_at timestamptz not null
);
create index leave_reasons_by_publication on leave_reasons (publication_id, created_at);

alter table consents
  drop constraint consents_kind_check,
  add constraint consents_kind_check check (kind in (
    'confirmed', 'unsubscribed', 'resumed', 'never', 'paused', 'changed'));
