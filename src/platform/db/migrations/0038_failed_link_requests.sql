-- A reader's request for her link that cannot be answered is among the failed rows, like a sign-up.

alter table failed_rows
  drop constraint failed_rows_kind_check,
  add constraint failed_rows_kind_check check (
    kind in ('subscription', 'article', 'feed', 'notice', 'sign-up', 'link-request', 'digest', 'publication'));
