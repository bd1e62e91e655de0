-- One alert for all feeds of a newsletter that do not work: its cause is the newsletter. Those of single feeds are over.
delete from alerts where kind = 'failing-feed';

alter table alerts
  drop constraint alerts_kind_check,
  add constraint alerts_kind_check check (
    kind in ('held-digest', 'paused-digest', 'open-circuit', 'failing-feeds', 'held-articles', 'attack'));
