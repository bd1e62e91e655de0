-- What a reader asks about herself: a lost link, another address; and what is kept as proof of her consent, for a while.

-- Up Migration

-- "Send me my link", as typed by anybody. Answered by a job, so that every address costs the request the same, and gone then.
create table link_requests (
  id uuid primary key default uuidv7(),
  publication_id uuid not null references publications,
  email text not null,
  created_at timestamptz not null
);
create index link_requests_by_age on link_requests (created_at);

-- A change of address. The addresses are here only for as long as it may be confirmed or taken back.
create table address_changes (
  id uuid primary key default uuidv7(),
  subscription_id uuid not null references subscriptions,
  old_email text,
  new_email text,
  state text not null check (state in ('asked', 'confirmed', 'cancelled')),
  -- The new address read this already: that subscription stayed, and the old one ended.
  merged_into uuid references subscriptions,
  asked_at timestamptz not null,
  confirmed_at timestamptz,
  cancelled_at timestamptz
);
create unique index address_changes_asked on address_changes (subscription_id) where state = 'asked';
create index address_changes_by_subscription on address_changes (subscription_id, asked_at);
create index address_changes_merged on address_changes (merged_into) where merged_into is not null;
create index address_changes_with_addresses on address_changes (asked_at) where old_email is not null;

-- Where the request and the confirmation came from: filled, and kept for so many days, only as the publication says.
alter table consents
  add column request_ip inet,
  add column request_agent text,
  add column confirm_ip inet,
  add column confirm_agent text;
create index consents_with_evidence on consents (created_at)
  where num_nonnulls(request_ip, request_agent, confirm_ip, confirm_agent) > 0;

alter table notices
  drop constraint notices_kind_check,
  add constraint notices_kind_check check (kind in (
    'confirmation', 'already-subscribed', 'welcome', 'alert', 'manage-link', 'address-confirm', 'address-asked',
    'address-moved', 'address-returned', 'repair'));
