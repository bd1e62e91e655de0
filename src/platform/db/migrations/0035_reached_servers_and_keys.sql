-- When each worker last got mail into a server. What one worker alone cannot reach is kept from nobody else.

create table reached_transports (
  worker uuid not null,
  transport_id smallint not null references transports on delete cascade,
  reached_at timestamptz not null,
  primary key (worker, transport_id)
);

-- The command line takes an Idempotency-Key too, and has no token.

alter table idempotency_keys
  drop constraint idempotency_keys_pkey,
  -- Null: the command line.
  alter column token_id drop not null,
  add constraint idempotency_keys_of_caller unique nulls not distinct (token_id, key);

-- Forms with an address that no mail server of ours takes are counted by themselves: nothing was mistyped in them.

alter table sign_up_counts
  drop constraint sign_up_counts_outcome_check,
  add constraint sign_up_counts_outcome_check check (outcome in (
    'recorded', 'held', 'too-many', 'honeypot', 'empty', 'malformed', 'typo', 'no-mail-server', 'beyond-ascii', 'proof-needed', 'invalid'));

-- A reader's request for her link that cannot be answered is among the failed rows, like a sign-up.

alter table failed_rows
  drop constraint failed_rows_kind_check,
  add constraint failed_rows_kind_check check (
    kind in ('subscription', 'article', 'feed', 'notice', 'sign-up', 'link-request', 'digest', 'publication'));
