-- What is kept of a mail besides who got which articles (the hash of the address, the mail server's words, the message itself)
-- is deleted after RETENTION_MONTHS. The rows of `deliveries` stay, and with them digest, subscription and variant: by them
-- nothing is mailed twice.

-- Up Migration

alter table digests add column details_deleted_at timestamptz;
-- Those whose time comes next.
create index digests_with_details on digests (expires_at, id)
 where details_deleted_at is null and state in ('closed', 'cancelled');
