-- Mails to the address of Amazon's mailbox simulator that always bounces, which an operator sends to see that bounces are heard.

-- Up Migration

create table test_bounces (
  id uuid primary key default uuidv7(),
  hook_id uuid not null references provider_hooks on delete cascade,
  -- The newsletter in whose name it goes.
  publication_id uuid not null references publications,
  -- returned: its bounce came in by the hook. failed: the mail server did not take it; it is not tried again.
  state text not null check (state in ('queued', 'sending', 'accepted', 'uncertain', 'failed', 'returned')),
  -- The mail server's words, or ours.
  answer text,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index test_bounces_by_hook on test_bounces (hook_id, id);
