-- What comes back by mail is stored as it came before it is read, so that nothing is lost by a mistake in reading, and a newer
-- version can read it again. Where a mailbox has been read up to is known by its UIDs (RFC 9051, section 2.3.1.1).

-- Up Migration

create table inbound_mails (
  id uuid primary key default uuidv7(),
  -- Of the raw mail: the same one, handed over twice, is one row.
  sha256 bytea not null unique,
  raw bytea not null,
  source text not null check (source in ('smtp', 'imap', 'file')),
  -- Empty: the null reverse-path of reports (RFC 5321, section 4.5.5). Null: nothing tells.
  envelope_from text,
  envelope_to text[] not null default '{}',
  received_at timestamptz not null,
  state text not null default 'waiting'
    check (state in ('waiting', 'recorded', 'unsubscribed', 'forwarded', 'ignored', 'failed')),
  -- Why it was ignored, or what failed.
  reason text check (reason is not null or state not in ('ignored', 'failed')),
  -- Of the reading that led to the state.
  parser_version integer,
  processed_at timestamptz,
  check ((state = 'waiting') = (processed_at is null))
);

create index inbound_mails_by_source on inbound_mails (source, id);
create index inbound_mails_failed on inbound_mails (id) where state = 'failed';

create table mailboxes (
  -- Of its address without the password.
  key bytea primary key,
  -- For people: folder and host.
  name text not null,
  -- Null: never opened.
  uid_validity bigint,
  last_uid bigint not null default 0,
  -- The last time that it was read to its end.
  read_at timestamptz,
  failing_since timestamptz,
  failed_at timestamptz,
  -- Whether the login was refused, the folder is not there, or nothing answered.
  failure text check (failure in ('login', 'folder', 'connection')),
  -- In the words of the server.
  failure_reason text,
  check ((failing_since is null) = (failure is null))
);
