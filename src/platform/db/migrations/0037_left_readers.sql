-- A reader who left on a page is told so by mail, since whoever was forwarded a newsletter can press its button.

-- Up Migration

alter table notices
  drop constraint notices_kind_check,
  add constraint notices_kind_check check (kind in (
    'confirmation', 'already-subscribed', 'welcome', 'alert', 'manage-link', 'address-confirm', 'address-asked',
    'address-moved', 'address-returned', 'repair', 'left'));
