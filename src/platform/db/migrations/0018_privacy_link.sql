-- Where a publication says what it does with addresses: forms lead there.

-- Up Migration

alter table publications add column privacy_url text;
