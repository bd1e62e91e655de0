-- When a reader was erased: what is left of her subscription belongs to nobody, and is not taken for one that waits.
alter table subscriptions add column erased_at timestamptz;
update subscriptions s
   set erased_at = coalesce(s.unsubscribed_at, s.created_at)
  from subscribers p
 where p.id = s.subscriber_id
   and p.email_key like 'erased %';

-- Also those who never confirmed and want no mail: of them, too, only a keyed hash stays after a week.
drop index subscriptions_unconfirmed;
create index subscriptions_unconfirmed on subscriptions (created_at) where confirmed_at is null and erased_at is null;
