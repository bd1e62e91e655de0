-- Links in mails that another product sent before a newsletter moved here go on working, and who has such a link of a reader whom nobody
-- knows can still be let go by her address.

-- Up Migration

-- What such a link names, as a hash: whoever reads this table can make no link of it.
create table old_links (
  product text not null check (product in ('listmonk', 'ghost', 'mailpoet')),
  link_hash bytea not null,
  subscription_id uuid not null references subscriptions on delete cascade,
  -- The list or newsletter of the other product that it is about; null: any.
  list text,
  primary key (product, link_hash, subscription_id)
);
create index old_links_by_subscription on old_links (subscription_id);

-- Asked for by an address that somebody typed: the link to her settings, or to leave.
alter table link_requests
  add column wish text not null default 'settings' check (wish in ('settings', 'leave'));
