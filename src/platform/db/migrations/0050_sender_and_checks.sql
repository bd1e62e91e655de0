-- Who signs a newsletter's mail decides which DNS records are looked at; what was found when somebody looked is kept, as proof
-- that a step of the set-up is done.

-- Up Migration

alter table publications
  -- Null: nobody has said.
  add column signed_by text check (signed_by in ('server', 'paperround')),
  -- Of the mail server's DKIM key (RFC 6376, section 3.1).
  add column server_selector text;

create table publication_checks (
  publication_id uuid not null references publications (id),
  kind text not null check (kind in ('dns', 'form', 'test')),
  result jsonb not null,
  checked_at timestamptz not null,
  primary key (publication_id, kind)
);
