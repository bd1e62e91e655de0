-- Bounces that are reported after a mail was accepted are counted beside those of the session. The acceptance of a later mail does
-- not delete them, since that mail may be reported next: whether one was delivered in between is looked up when it matters.

-- Up Migration

alter table soft_bounces
  add column is_reported boolean not null default false,
  -- The address is said to be bad in a way that is believed when a second digest says so.
  add column is_hard boolean not null default false;
