-- Why a mail was skipped is a column with a fixed set of codes. It stood in `answer` before, as words in front of what the
-- mail server had said, and retries and the reader's log took it out of there again. `answer` keeps the server's words.
--
-- A column that may be null is added without rewriting the table, and only skipped rows are written: each finds room in its
-- own page (fillfactor 45) and stands in no index by what changes. That takes one pass over `deliveries`; the checks are not
-- validated by two more, because the update has just made them true of every row.

alter table deliveries add column skip_reason text;
alter table notices add column skip_reason text;

-- Words that are none of ours are a server's alone: it refused us until the mail was too old.
update deliveries
   set skip_reason = case
         when split_part(answer, ': ', 1) in
              ('pending', 'paused', 'unsubscribed', 'erased', 'suppressed', 'archived', 'expired', 'cancelled')
           then split_part(answer, ': ', 1)
         when split_part(answer, ': ', 1) = 'address changed' then 'address-changed'
         when split_part(answer, ': ', 1) = 'could not be composed' then 'not-composed'
         else 'sender-fault'
       end,
       answer = case
         when split_part(answer, ': ', 1) in
              ('pending', 'paused', 'unsubscribed', 'erased', 'suppressed', 'archived', 'expired', 'cancelled', 'address changed', 'could not be composed')
           then nullif(substr(answer, length(split_part(answer, ': ', 1)) + 3), '')
         else answer
       end
 where state = 'skipped';
update notices
   set skip_reason = case
         when split_part(answer, ': ', 1) in
              ('pending', 'paused', 'unsubscribed', 'erased', 'suppressed', 'archived', 'expired', 'cancelled', 'over', 'removed')
           then split_part(answer, ': ', 1)
         when split_part(answer, ': ', 1) = 'confirmed meanwhile' then 'confirmed-meanwhile'
         else 'sender-fault'
       end,
       answer = case
         when split_part(answer, ': ', 1) in
              ('pending', 'paused', 'unsubscribed', 'erased', 'suppressed', 'archived', 'expired', 'cancelled', 'over', 'removed', 'confirmed meanwhile')
           then nullif(substr(answer, length(split_part(answer, ': ', 1)) + 3), '')
         else answer
       end
 where state = 'skipped';

alter table deliveries
  add constraint deliveries_skip_reason_check check (skip_reason in (
    'pending', 'paused', 'unsubscribed', 'erased', 'suppressed', 'address-changed', 'archived', 'expired', 'cancelled',
    'not-composed', 'sender-fault', 'confirmed-meanwhile', 'over', 'removed')) not valid,
  -- What an operator has queued again keeps the reason until a worker claims it.
  add constraint deliveries_skip_reason_fits_state check (
    case state when 'skipped' then skip_reason is not null when 'queued' then true else skip_reason is null end) not valid;
alter table notices
  add constraint notices_skip_reason_check check (skip_reason in (
    'pending', 'paused', 'unsubscribed', 'erased', 'suppressed', 'address-changed', 'archived', 'expired', 'cancelled',
    'not-composed', 'sender-fault', 'confirmed-meanwhile', 'over', 'removed')),
  add constraint notices_skip_reason_fits_state check ((state = 'skipped') = (skip_reason is not null));
