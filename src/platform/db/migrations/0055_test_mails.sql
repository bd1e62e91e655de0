-- Tests that operators send to themselves or to each other: of a digest, or of what would be in the next one of a rhythm. They
-- are no mail to readers, and are counted nowhere.

-- Up Migration

create table test_mails (
  id uuid primary key default uuidv7(),
  publication_id uuid not null references publications,
  -- Who asked for it, and whose address it goes to.
  operator_id uuid not null references operators,
  recipient_id uuid not null references operators,
  digest_id uuid references digests,
  -- Of the digest that is to come: a rhythm, or `now` for what sending new articles at once would bring.
  coming text check (coming in ('instant', 'daily', 'weekly', 'monthly', 'now')),
  -- As which kind of reader: language, format, topic, list.
  kind jsonb not null,
  -- failed: the mail server did not take it, or there was nothing to send. It is not tried again.
  state text not null check (state in ('queued', 'sending', 'accepted', 'failed', 'uncertain')),
  -- The mail server's words, or ours.
  answer text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  check ((digest_id is null) = (coming is not null))
);
create index test_mails_by_operator on test_mails (operator_id, id);
create index test_mails_by_age on test_mails (created_at);
