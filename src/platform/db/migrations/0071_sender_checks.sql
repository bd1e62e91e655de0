-- The DNS of each newsletter's sender is looked at every day, and operators are told of what was right and is not any more.

-- Up Migration

alter table alerts
  drop constraint alerts_kind_check,
  add constraint alerts_kind_check check (
    kind in ('held-digest', 'paused-digest', 'open-circuit', 'failing-feeds', 'held-articles', 'attack', 'failed-rows',
             'wrong-clock', 'restored', 'unread-mailbox', 'failed-mails', 'worse-dns', 'provider-limits'));

create index publication_checks_worse on publication_checks (publication_id)
  where kind = 'dns' and jsonb_array_length(coalesce(result -> 'worse', '[]')) > 0;

-- Providers whose mailboxes get digests slowly, or none for now, by the complaints and bounces of seven days. What they are found by
-- are kept counts (`provider-mail`).
create table provider_limits (
  provider text primary key,
  state text not null check (state in ('slow', 'paused')),
  accepted bigint not null,
  bounced bigint not null,
  complained bigint not null,
  since timestamptz not null,
  -- An operator lets its mail go until then.
  lifted_until timestamptz
);
