-- Whose each session is, so that she sees and ends them, and so that they end when her rights or credentials change. These
-- columns alone say who is signed in.

-- Up Migration

alter table operator_sessions
  -- What pages call it: `sid` is half of a cookie.
  add column id uuid not null default uuidv7(),
  -- Null with `signed_in_at`: somebody whom a link of the command line let in, for nobody in particular.
  add column operator_id uuid references operators,
  add column signed_in_at timestamptz,
  -- When she last showed that it is she.
  add column fresh_at timestamptz,
  add column last_seen_at timestamptz,
  -- As in "Firefox on Linux".
  add column browser text,
  -- A keyed hash.
  add column network_hash bytea;

update operator_sessions
   set operator_id = (sess ->> 'operatorId')::uuid,
       signed_in_at = (sess ->> 'operatorSince')::timestamptz,
       fresh_at = (sess ->> 'operatorSince')::timestamptz,
       last_seen_at = (sess ->> 'operatorSince')::timestamptz
 where sess ->> 'operatorSince' is not null;

create index operator_sessions_by_operator on operator_sessions (operator_id) where operator_id is not null;
