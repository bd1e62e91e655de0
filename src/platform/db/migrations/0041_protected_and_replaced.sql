-- Two more reasons to hold an article: WordPress keeps it from the public, or it came in the place of one that is out, under
-- the same id or address.

-- Up Migration

alter table article_holds
  drop constraint article_holds_code_check,
  add constraint article_holds_code_check
    check (code in ('flood', 'ids-changed', 'old', 'scheduled', 'protected', 'empty', 'same-address', 'same-title', 'replaced',
                    'by-hand'));
