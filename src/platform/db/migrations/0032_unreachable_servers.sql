-- A mail server to which no connection can be opened has a circuit too. Single mails count how often a server asked for time by
-- themselves: a mail that waited for an unreachable server is not to wait for hours when the server then says "later" once.

-- Up Migration

alter table circuits
  drop constraint circuits_kind_check,
  add constraint circuits_kind_check check (kind in ('refused', 'throttled', 'bounces', 'unreachable')),
  add constraint circuits_unreachable_server check (kind <> 'unreachable' or domain = '');

alter table notices add column deferrals smallint not null default 0;
