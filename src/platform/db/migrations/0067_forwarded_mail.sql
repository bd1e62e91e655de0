-- What a person wrote to a return path is passed on to the publisher: a notice, whose cause is the stored mail.

-- Up Migration

alter table notices
  drop constraint notices_kind_check,
  add constraint notices_kind_check check (kind in (
    'confirmation', 'already-subscribed', 'welcome', 'alert', 'manage-link', 'address-confirm', 'address-asked', 'address-moved',
    'address-returned', 'repair', 'left', 'operator-invitation', 'operator-recovery', 'operator-change', 'forward'
  )),
  drop constraint notices_for_readers,
  add constraint notices_for_readers check (
    (subscription_id is not null)
      = (kind not in ('alert', 'operator-invitation', 'operator-recovery', 'operator-change', 'forward'))
  );

-- Operators are told of a mailbox that cannot be read, and of mails that cannot be understood.
alter table alerts
  drop constraint alerts_kind_check,
  add constraint alerts_kind_check check (
    kind in ('held-digest', 'paused-digest', 'open-circuit', 'failing-feeds', 'held-articles', 'attack', 'failed-rows',
             'wrong-clock', 'restored', 'unread-mailbox', 'failed-mails'));
