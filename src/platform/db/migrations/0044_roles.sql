-- An operator has a role at each newsletter, or administers the whole server. Accounts keep what they could do: owners
-- administer the server, editors and viewers are that at every newsletter there is.

-- Up Migration

alter table operators
  add column is_administrator boolean not null default false,
  -- When she followed a link that had been mailed to her address.
  add column email_confirmed_at timestamptz;

create table operator_roles (
  operator_id uuid not null references operators,
  publication_id uuid not null references publications,
  role text not null check (role in ('owner', 'editor', 'viewer')),
  created_at timestamptz not null,
  primary key (operator_id, publication_id)
);
create index operator_roles_by_publication on operator_roles (publication_id);

update operators set is_administrator = true where role = 'owner';

insert into operator_roles (operator_id, publication_id, role, created_at)
select o.id, p.id, o.role, o.created_at
  from operators o
 cross join publications p
 where o.role <> 'owner'
   and o.removed_at is null;

alter table operators drop column role;
