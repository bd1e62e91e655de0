-- The DNS of each newsletter's sender is looked at every day, and operators are told of what was right and is not any more.

-- Up Migration

alter table alerts
  drop constraint alerts_kind_check,
  add constraint alerts_kind_check check (
    kind in ('held-digest', 'paused-digest', 'open-circuit', 'failing-feeds', 'held-articles', 'attack', 'failed-rows',
             'wrong-clock', 'restored', 'worse-dns'));

create index publication_checks_worse on publication_checks (publication_id)
  where kind = 'dns' and jsonb_array_length(coalesce(result -> 'worse', '[]')) > 0;
