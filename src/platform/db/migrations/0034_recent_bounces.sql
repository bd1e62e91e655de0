-- A storm of bounces is found after its first bounces have suppressed their readers: which server said so of which domain is kept
-- as long as a storm may yet be found, and then the suppressions are lifted.

create table recent_bounces (
  suppression_id uuid primary key references suppressions on delete cascade,
  transport_id smallint not null references transports,
  domain text not null,
  bounced_at timestamptz not null
);

alter table suppression_changes
  drop constraint suppression_changes_changed_by_check,
  add constraint suppression_changes_changed_by_check check (changed_by in ('operator', 'reader', 'bounce-storm'));
