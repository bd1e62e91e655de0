-- Operators with addresses, and the mails that tell them what waits for their word.

-- Up Migration

create table operators (
  id uuid primary key default uuidv7(),
  email text not null,
  -- Folded as readers' addresses are: one account each, whatever case she typed.
  email_key text not null,
  name text,
  role text not null check (role in ('owner', 'editor', 'viewer')),
  created_at timestamptz not null,
  -- Kept: what she did stays hers. The address may be given an account again.
  removed_at timestamptz
);
create unique index operators_address on operators (email_key) where removed_at is null;

-- Whose link it is; null: of whoever may run commands on the server.
alter table operator_links add column operator_id uuid references operators;

-- What operators were told of: each cause at most once a day.
create table alerts (
  id uuid primary key default uuidv7(),
  kind text not null
    check (kind in ('held-digest', 'paused-digest', 'open-circuit', 'failing-feed', 'held-articles')),
  cause_id uuid not null,
  -- In whose name they are told.
  publication_id uuid not null references publications,
  day date not null,
  opened_at timestamptz not null,
  -- The cause was found to be over.
  resolved_at timestamptz,
  unique (kind, cause_id, day)
);
create index alerts_open on alerts (kind, cause_id) where resolved_at is null;

-- An alert is a notice to each operator; its cause is the alert. Every notice goes to a reader or to an operator.
alter table notices
  drop constraint notices_kind_check,
  add constraint notices_kind_check check (kind in ('confirmation', 'already-subscribed', 'welcome', 'alert')),
  alter column subscription_id drop not null,
  add column operator_id uuid references operators,
  add constraint notices_one_recipient check (num_nonnulls(subscription_id, operator_id) = 1),
  add constraint notices_alerts_operators check ((kind = 'alert') = (operator_id is not null)),
  drop constraint notices_kind_cause_id_key,
  add constraint notices_one_each unique nulls not distinct (kind, cause_id, operator_id);

-- Looked for every minute.
create index digests_stopped on digests (publication_id, id) where state in ('held', 'paused');
