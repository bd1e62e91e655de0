-- Why articles are held is a code and its numbers, and was a sentence beside the code before: what an operator reads is now
-- made when it is shown, in one place, and can be said in another way or language without touching a row.
-- What vanished from its feed is told by `retraction` alone.

alter table article_holds
  -- Of the arrival: how many items were new, and how many its feed held in all.
  add column new_items integer,
  add column total_items integer,
  -- How many of them the hold covered when it was made.
  add column held_items integer;

-- The numbers stand in the sentences that have any.
update article_holds h
   set held_items = case
         when reason ~ '^\d+ articles ' then (regexp_match(reason, '^(\d+) articles '))[1]::integer
         when reason ~ '^(?:One|An) ' then 1
         else greatest(2, (select count(*)::integer from articles a where a.hold_id = h.id))
       end,
       new_items = (regexp_match(reason, '^(\d+) (?:new articles arrived|of the )'))[1]::integer,
       total_items = (regexp_match(reason, '^\d+ of the (\d+) articles'))[1]::integer;
update article_holds
   set new_items = coalesce(new_items, held_items),
       total_items = coalesce(total_items, new_items, held_items);

alter table article_holds
  alter column new_items set not null,
  alter column total_items set not null,
  alter column held_items set not null,
  drop column reason;

alter table articles drop column hold_reason;
