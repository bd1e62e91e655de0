-- One dated mailing, the article lists in it, and the ledger of who got which.

-- Up Migration

create table digests (
  id uuid primary key default uuidv7(),
  publication_id uuid not null references publications,
  cadence text not null check (cadence in ('instant', 'daily', 'weekly', 'monthly', 'operator')),
  -- Local date, ISO week, month, article number, or an operator's own key: one digest each.
  period text not null,
  state text not null
    check (state in ('draft', 'held', 'approved', 'sending', 'paused', 'closed', 'cancelled')),
  -- When the period has ended in the last time zone, or its planning is complete; null while nobody can know.
  closes_at timestamptz,
  -- Given up after this: what is still delayed is recorded as bounced.
  expires_at timestamptz not null,
  last_batch integer not null default 0,
  key_id text not null,
  -- What an operator ordered: words of her own, chosen articles (null: each reader's own due list), for whom, and
  -- whether also for those who have had them.
  subject text,
  note text,
  article_ids uuid[],
  audience jsonb not null default '{}',
  again boolean not null default false,
  created_at timestamptz not null,
  unique (publication_id, cadence, period)
);
create index digests_newest on digests (publication_id, id);
create index digests_open on digests (closes_at) where state in ('sending', 'paused');

-- One article list in one language: rendered once at first send, sent to many.
create table variants (
  id uuid primary key default uuidv7(),
  digest_id uuid not null references digests,
  locale text not null,
  article_ids uuid[] not null,
  max_seq bigint not null,
  subject text,
  html text,
  text text,
  rendered_at timestamptz,
  unique (digest_id, locale, article_ids)
);

-- The wake-up calls of a digest: a range of deliveries that one worker leases at a time.
create table batches (
  digest_id uuid not null references digests,
  number integer not null,
  -- When there is something to do; null when every delivery in it is final.
  due_at timestamptz,
  lease_token uuid,
  leased_until timestamptz,
  primary key (digest_id, number)
);
create index batches_due on batches (due_at) where due_at is not null;

-- The ledger. No foreign keys and a low fill factor: a million rows go in at once and each is updated in place.
-- Only planning inserts, and it holds the digest, variant and subscription it names.
create table deliveries (
  digest_id uuid not null,
  subscription_id uuid not null,
  variant_id uuid not null,
  batch integer not null,
  state text not null
    check (state in ('queued', 'sending', 'accepted', 'deferred', 'rejected', 'uncertain', 'skipped')),
  -- The fence: an answer counts only for the attempt it belongs to.
  attempt integer not null default 0,
  next_attempt_at timestamptz,
  -- The final dot of this attempt may have gone out since then.
  intent_at timestamptz,
  -- How often it was sent again although it may have arrived.
  resends smallint not null default 0,
  address_hash bytea,
  answer text,
  provider_message_id text,
  updated_at timestamptz not null,
  primary key (digest_id, subscription_id)
) with (fillfactor = 45);
create index deliveries_by_batch on deliveries (digest_id, batch);

-- Every mail that is not a digest, with the same states. One cause, one mail.
create table notices (
  id uuid primary key default uuidv7(),
  kind text not null check (kind in ('confirmation', 'already-subscribed', 'welcome')),
  cause_id uuid not null,
  publication_id uuid not null references publications,
  subscription_id uuid not null references subscriptions,
  state text not null
    check (state in ('queued', 'sending', 'accepted', 'deferred', 'rejected', 'uncertain', 'skipped')),
  attempt integer not null default 0,
  -- When there is something to do; null when it is final.
  due_at timestamptz,
  leased_until timestamptz,
  intent_at timestamptz,
  resends smallint not null default 0,
  address_hash bytea,
  answer text,
  provider_message_id text,
  expires_at timestamptz not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  unique (kind, cause_id)
);
create index notices_due on notices (due_at) where due_at is not null;
create index notices_by_subscription on notices (subscription_id, created_at);
