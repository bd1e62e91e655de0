-- What a newsletter does while many more sign up than are likely to be readers: forms ask for some work first.

-- Up Migration

create table attacks (
  id uuid primary key default uuidv7(),
  publication_id uuid not null references publications,
  -- `flood`: far more forms than usual. `refusals`: most of them were sent back. `by-hand`: an operator said so.
  cause text not null check (cause in ('flood', 'refusals', 'by-hand')),
  began_at timestamptz not null,
  -- When it was last seen to go on; some calm after that, it is over.
  seen_at timestamptz not null,
  -- Forms in ten minutes when it began, those of them that were sent back or capped, and what is usual.
  forms integer not null,
  refused integer not null,
  usual real not null,
  ended_at timestamptz,
  -- Whoever ended it by hand has looked: it does not begin again by itself for a while.
  ended_by_hand boolean not null default false
);
create unique index attacks_running on attacks (publication_id) where ended_at is null;
create index attacks_by_publication on attacks (publication_id, began_at);

-- Work that was shown to us: each piece counts once. Forgotten when it would not be taken any more.
create table used_proofs (
  challenge text primary key,
  expires_at timestamptz not null
);
create index used_proofs_by_age on used_proofs (expires_at);

alter table alerts
  drop constraint alerts_kind_check,
  add constraint alerts_kind_check check (
    kind in ('held-digest', 'paused-digest', 'open-circuit', 'failing-feed', 'held-articles', 'attack'));
