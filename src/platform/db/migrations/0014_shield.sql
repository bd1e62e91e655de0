-- What keeps floods of sign-ups out of other people's mailboxes: what speaks against a request, limits, and counts.

-- Up Migration

alter table sign_up_requests
  -- What spoke against it, and how much; one that is held waits for an operator's word.
  add column risk smallint not null default 0,
  add column reasons text[] not null default '{}',
  -- Filled only where the publication keeps them as proof of consent.
  add column ip inet,
  add column agent text,
  drop constraint sign_up_requests_outcome_check,
  add constraint sign_up_requests_outcome_check check (
    outcome in ('confirmation', 'already-subscribed', 'capped', 'suppressed', 'held'));
create index sign_up_requests_held on sign_up_requests (publication_id, id) where outcome = 'held';

-- For how many days the IP address and browser of a consent are kept; 0: they are never stored.
alter table publications
  add column evidence_days integer not null default 0 check (evidence_days between 0 and 730);

-- How often a network (by hash), a publication and all together asked within a window. Unlogged: counting costs no wait
-- for the disk, and a crash forgets minutes of counting, nothing else.
create unlogged table sign_up_limits (
  key text primary key,
  points integer not null,
  until timestamptz not null
) with (fillfactor = 70);

-- What became of forms, in spans of ten minutes: recorded, held, and why others were refused.
create table sign_up_counts (
  publication_id uuid not null references publications,
  began_at timestamptz not null,
  outcome text not null check (outcome in (
    'recorded', 'held', 'too-many', 'trap', 'empty', 'malformed', 'typo', 'no-mail-server', 'proof-needed', 'invalid')),
  count integer not null,
  primary key (publication_id, began_at, outcome)
);
create index sign_up_counts_by_age on sign_up_counts (began_at);

-- One job answers many requests: what was promised under the old name goes on under the new one.
update outbox
   set name = 'answer-sign-ups',
       payload = jsonb_build_object('requestIds', jsonb_build_array(payload -> 'requestId'))
 where name = 'answer-sign-up';
