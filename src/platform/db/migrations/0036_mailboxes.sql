-- Caps of mails count by the mailbox: thirty spellings of one inbox (dots, tags) got thirty mails. The hash is that of the
-- mailbox's address from now on; rows of before count for the spelling they were made for, and are gone after 30 days.

-- Up Migration

comment on column capped_mails.address_hash is 'a keyed hash of the mailbox: the address without tags, at Gmail without dots';

-- Each kind has a cap of its own.
alter table capped_mails
  add column kind text not null default 'unclicked' check (kind in ('unclicked', 'own-link', 'left'));
alter table capped_mails alter column kind drop default;
