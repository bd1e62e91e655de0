-- Hubs that tell us of new articles at once (W3C WebSub): what a feed says of its hub, and how we stand with it.

-- Up Migration

alter table feeds
  add column hub_url text,
  add column hub_topic text,
  -- When we last asked the hub, and with which key: its secret is derived from that.
  add column hub_asked_at timestamptz,
  add column hub_key_id text,
  -- Until when the hub tells us; null while it has not said so, or has refused.
  add column hub_until timestamptz;
create index feeds_with_hubs on feeds (hub_until nulls first) where hub_url is not null and removed_at is null;
