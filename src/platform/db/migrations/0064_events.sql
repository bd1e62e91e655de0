-- What was heard of a mail after its server had accepted it: bounces, complaints and the like, from mail and from providers. The
-- delivery stays accepted, and what came back stands beside it. Rows are only ever added, and deleted when their time is over.

-- Up Migration

create table events (
  id uuid primary key default uuidv7(),
  -- SHA-256 of the source and its name for the event: the same event comes in again and again, and counts once.
  key bytea not null unique,
  source text not null check (source in (
    'smtp', 'imap', 'file', 'ses', 'mailgun', 'postmark', 'sendgrid', 'brevo')),
  class text not null check (class in (
    'hard', 'soft', 'sender-fault', 'delayed', 'complaint', 'unsubscribe', 'auto-reply', 'none')),
  scope text not null check (scope in ('mailbox', 'domain', 'us')),
  -- The enhanced status (RFC 3463), the SMTP code and the words, without addresses; null where it has none, or they were deleted.
  status text,
  code smallint,
  reason text,
  occurred_at timestamptz not null,
  received_at timestamptz not null,
  -- What it is about, or why it changes nothing.
  match text not null check (match in (
    'delivery', 'notice', 'unknown', 'too-late', 'other-recipient', 'no-recipient')),
  publication_id uuid,
  digest_id uuid,
  subscription_id uuid,
  notice_id uuid,
  -- When the mail that it is about was sent.
  sent_at timestamptz,
  inbound_mail_id uuid
);
create index events_by_delivery on events (digest_id, subscription_id) where digest_id is not null;
create index events_by_subscription on events (subscription_id, id) where subscription_id is not null;
create index events_by_publication on events (publication_id, id) where publication_id is not null;
create index events_by_age on events (received_at);
create index events_by_inbound_mail on events (inbound_mail_id) where inbound_mail_id is not null;

-- A return path has the number of a batch, and by it the digest is found.
create index batches_by_number on batches (number);
