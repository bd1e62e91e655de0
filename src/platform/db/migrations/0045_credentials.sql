-- How operators sign in without a link from the command line: a passkey, or a password with or without codes; invitations
-- and links for who cannot sign in; and the mails about these.

-- Up Migration

create table operator_passwords (
  operator_id uuid primary key references operators,
  -- argon2id, in the PHC string format.
  hash text not null,
  changed_at timestamptz not null
);

-- Web Authentication, Level 3, section 4: public key credentials.
create table operator_passkeys (
  id uuid primary key default uuidv7(),
  operator_id uuid not null references operators,
  credential_id text not null unique,
  public_key bytea not null,
  -- How often the authenticator says that it has signed; many always say 0.
  counter bigint not null,
  transports text[] not null,
  name text not null,
  created_at timestamptz not null,
  last_used_at timestamptz
);
create index operator_passkeys_by_operator on operator_passkeys (operator_id);

-- Challenges that were answered, until they expire: each is answered once.
create table used_passkey_challenges (
  challenge text primary key,
  expires_at timestamptz not null
);

-- Time-based codes (RFC 6238). The secret is among the wrapped keys, as operator-totp:ID.
create table operator_totp (
  operator_id uuid primary key references operators,
  created_at timestamptz not null,
  -- Null until a first code showed that her program has the secret: until then no code is asked for.
  confirmed_at timestamptz,
  -- The step of the last code that was taken: a code works once (RFC 6238 section 5.2).
  last_step bigint not null default -1
);

create table operator_recovery_codes (
  operator_id uuid not null references operators,
  code_hash bytea not null,
  used_at timestamptz,
  primary key (operator_id, code_hash)
);

create table operator_invitations (
  id uuid primary key default uuidv7(),
  email text not null,
  email_key text not null,
  name text,
  -- The account that the command line made; null: it is made when she accepts, or she has one by then.
  operator_id uuid references operators,
  -- What she gets: a role at a newsletter, or the whole server.
  publication_id uuid references publications,
  role text check (role in ('owner', 'editor', 'viewer')),
  is_administrator boolean not null default false,
  -- Null: the command line.
  invited_by uuid references operators,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  accepted_at timestamptz,
  withdrawn_at timestamptz,
  check ((publication_id is null) = (role is null))
);
create index operator_invitations_by_publication on operator_invitations (publication_id);
create index operator_invitations_by_address on operator_invitations (email_key);

-- Somebody asked for a link to an account again. Also for addresses without an account, so that both take as long.
create table operator_recoveries (
  id uuid primary key default uuidv7(),
  address_hash bytea not null,
  created_at timestamptz not null,
  -- Found by the job that answers; null: no account has this address.
  operator_id uuid references operators,
  expires_at timestamptz not null,
  used_at timestamptz
);
create index operator_recoveries_by_age on operator_recoveries (expires_at);

-- What an account's address is told: how it is signed in to has changed.
create table operator_credential_changes (
  id uuid primary key default uuidv7(),
  operator_id uuid not null references operators,
  kind text not null check (kind in (
    'recovered', 'password', 'passkey-added', 'passkey-removed', 'totp-on', 'totp-off', 'recovery-codes'
  )),
  changed_at timestamptz not null
);

alter table notices
  drop constraint notices_kind_check,
  add constraint notices_kind_check check (kind in (
    'confirmation', 'already-subscribed', 'welcome', 'alert', 'manage-link', 'address-confirm', 'address-asked', 'address-moved',
    'address-returned', 'repair', 'left', 'operator-invitation', 'operator-recovery', 'operator-change'
  )),
  drop constraint notices_one_recipient,
  drop constraint notices_alerts_operators,
  -- An invitation goes to an address that need not have an account.
  add constraint notices_for_readers check (
    (subscription_id is not null) = (kind not in ('alert', 'operator-invitation', 'operator-recovery', 'operator-change'))
  ),
  add constraint notices_for_operators check (
    (operator_id is not null) = (kind in ('alert', 'operator-recovery', 'operator-change'))
  );
