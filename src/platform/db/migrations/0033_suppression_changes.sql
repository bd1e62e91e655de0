-- Who suppressed an address or lifted that, when and why, for whoever is asked about it later. The address is known only by
-- its keyed hash, as in suppressions.
create table suppression_changes (
  id uuid primary key default uuidv7(),
  address_hash bytea not null,
  publication_id uuid references publications,
  reason text not null check (reason in ('never', 'bounced', 'complained', 'operator')),
  change text not null check (change in ('added', 'lifted')),
  changed_by text not null check (changed_by in ('operator', 'reader')),
  -- An operator's words, without addresses.
  note text,
  created_at timestamptz not null
);
create index suppression_changes_by_address on suppression_changes (address_hash, created_at);

-- "Never email me" can be undone for a day.
alter table consents
  drop constraint consents_kind_check,
  add constraint consents_kind_check check (kind in (
    'confirmed', 'unsubscribed', 'resumed', 'never', 'never-undone', 'paused', 'changed'));
