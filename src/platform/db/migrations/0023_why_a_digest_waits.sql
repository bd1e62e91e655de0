-- Who paused a digest, what it is held for and what took its place are codes and numbers that code compares: they stood
-- in sentences for people. Those are now written where they are shown, and `reason` keeps only a mail server's words.
-- No digest ever was a draft.

alter table digests drop constraint digests_state_check;
update digests set state = 'cancelled' where state = 'draft';
alter table digests add constraint digests_state_check
  check (state in ('held', 'approved', 'sending', 'paused', 'closed', 'cancelled'));

alter table digests
  add column paused_by text check (paused_by in ('operator', 'mail-server')),
  add column hold_reasons text[] not null default '{}'
    check (hold_reasons <@ array['approval', 'no-postal-address', 'unusual-audience']),
  -- How many readers the last digest of its rhythm was for; null for the first, and for an operator's.
  add column readers_before integer,
  -- The period whose digest inherited its approval, when nobody was planned for this one in time.
  add column superseded_by text;

update digests
   set paused_by = case when reason = 'An operator paused it.' then 'operator' else 'mail-server' end
 where state = 'paused'
   and reason is not null;

update digests
   set hold_reasons = array_remove(array[
         case when reason like 'Waiting for approval, %' then 'approval' end,
         case when reason like '%The newsletter has no postal address, %' then 'no-postal-address' end,
         case when reason like '%It is for % and the last one was for %' then 'unusual-audience' end
       ], null),
       readers = coalesce(readers, substring(reason from ' is for (?:up to )?(\d+) reader')::integer),
       readers_before = substring(reason from ' the last one was for (\d+)')::integer
 where state = 'held'
   and reason is not null;

update digests
   set superseded_by = substring(reason from '^The digest of (.+) took its place\.$')
 where reason is not null;

update digests
   set reason = null
 where paused_by = 'operator'
    or hold_reasons <> '{}'
    or superseded_by is not null;
