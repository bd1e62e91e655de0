-- What an editor writes before it is mailed: words and a choice of articles for the next digest of a rhythm, or an email of
-- its own. Every version is kept while it is written, so that of two editors neither loses anything.

-- Up Migration

create table drafts (
  id uuid primary key default uuidv7(),
  publication_id uuid not null references publications,
  -- Null: an email of its own.
  cadence text check (cadence in ('instant', 'daily', 'weekly', 'monthly')),
  -- Null: of the next digest of the rhythm, whichever that is.
  period text,
  -- When readers of the last time zone have passed the period.
  closes_at timestamptz,
  -- used: its words and choices are in a digest.
  state text not null check (state in ('draft', 'approved', 'used', 'discarded')),
  -- Grows with every change of what is written.
  version integer not null default 1,
  content jsonb not null,
  digest_id uuid references digests,
  -- A digest that went without it, because nobody had approved it in time.
  missed_digest_id uuid references digests,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  check ((period is null) = (closes_at is null)),
  check (period is null or cadence in ('daily', 'weekly', 'monthly')),
  check ((state = 'used') = (digest_id is not null))
);
-- Two editors who begin at once write at the same one.
create unique index drafts_one_open on drafts (publication_id, cadence, coalesce(period, ''))
 where cadence is not null and state in ('draft', 'approved');
create index drafts_by_publication on drafts (publication_id, id);
create unique index drafts_by_digest on drafts (digest_id) where digest_id is not null;
create index drafts_by_missed_digest on drafts (missed_digest_id) where missed_digest_id is not null;

create table draft_versions (
  draft_id uuid not null references drafts,
  version integer not null,
  content jsonb not null,
  created_at timestamptz not null,
  primary key (draft_id, version)
);

-- What a digest has of its draft. article_choices: in order, those that an editor placed or left out.
alter table digests
  add column preheader text,
  add column outro text,
  add column article_choices jsonb not null default '[]',
  drop constraint digests_hold_reasons_check,
  add constraint digests_hold_reasons_check
    check (hold_reasons <@ array['approval', 'no-postal-address', 'unusual-audience', 'by-hand', 'draft']);

-- Digests that left out what stays due: their readers' watermarks stay below it, so what they brought is above them.
create index digests_with_articles_due on digests (publication_id) where article_choices @> '[{"as": "later"}]';

-- What an editor left out of a digest, and counts as sent to those it is for.
create table left_out_articles (
  article_id uuid not null references articles,
  digest_id uuid not null references digests,
  primary key (article_id, digest_id)
);
create index left_out_articles_by_digest on left_out_articles (digest_id);

alter table test_mails
  add column draft_id uuid references drafts,
  drop constraint test_mails_check,
  add constraint test_mails_check check (num_nonnulls(digest_id, coming, draft_id) = 1);
