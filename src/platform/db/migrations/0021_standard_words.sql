-- Tables and columns bear the field's standard terms: what a row is can be read from its name. Nothing else changes.

alter table article_names rename to article_identity_keys;
alter table article_identity_keys rename column name to key;
alter table article_sightings rename column version to content_hash;
alter table article_sightings rename column gone_at to missing_since;
alter table feeds rename column hub_asked_at to hub_requested_at;
alter table feeds rename column hub_until to hub_lease_until;

alter table circuits rename column answers to reply_count;
alter table circuits rename column against to failure_count;
alter table circuits rename column tries to open_count;

alter table outbox rename column offers to publish_count;

alter table asked_addresses rename to capped_mails;
alter index asked_addresses_by_address rename to capped_mails_by_address;
alter index asked_addresses_by_age rename to capped_mails_by_age;
alter table sign_up_limits rename column until to resets_at;

alter table sign_up_counts drop constraint sign_up_counts_outcome_check;
update sign_up_counts set outcome = 'honeypot' where outcome = 'trap';
alter table sign_up_counts add constraint sign_up_counts_outcome_check check (outcome in (
  'recorded', 'held', 'too-many', 'honeypot', 'empty', 'malformed', 'typo', 'no-mail-server', 'proof-needed', 'invalid'));
