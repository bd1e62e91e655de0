-- An operator holds a digest by hand, also one that no reader has joined yet. New articles can be sent at once to the readers
-- of several rhythms: everybody may read them in the archive, as in the digests of those rhythms, unless an operator wrote
-- something over them.

-- Up Migration

alter table digests
  drop constraint digests_hold_reasons_check,
  add constraint digests_hold_reasons_check
    check (hold_reasons <@ array['approval', 'no-postal-address', 'unusual-audience', 'by-hand']);

drop index digests_archived;
create index digests_archived on digests (publication_id, sent_at, id)
 where sent_at is not null
   and (audience = '{}'
        or (audience - 'cadence' = '{}' and jsonb_typeof(audience -> 'cadence') = 'array' and subject is null and note is null));
