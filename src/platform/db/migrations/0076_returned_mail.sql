-- How many readers' mails of a digest came back, or were called spam, after they had been accepted: when there are many, operators are
-- told of it. And the list of readers knows of bounces that came back later, as it does of those of the session.

-- Up Migration

create table digest_returns (
  digest_id uuid primary key references digests on delete cascade,
  -- Readers; each once, however often it was reported.
  bounced integer not null default 0,
  complained integer not null default 0,
  changed_at timestamptz not null
);
create index digest_returns_by_age on digest_returns (changed_at);

insert into digest_returns (digest_id, bounced, complained, changed_at)
select digest_id,
       count(distinct subscription_id) filter (where class = 'hard'),
       count(distinct subscription_id) filter (where class = 'complaint'),
       max(received_at)
  from events
 where match = 'delivery'
   and (class = 'complaint' or (class = 'hard' and scope <> 'us'))
 group by digest_id;

update listed_readers l
   set bounced_at = came.at
  from (select publication_id, subscription_id, max(occurred_at) as at
          from events
         where match = 'delivery'
           and class in ('hard', 'soft')
           and scope <> 'us'
         group by publication_id, subscription_id) as came
 where l.publication_id = came.publication_id
   and l.subscription_id = came.subscription_id
   and came.at >= l.joined_at
   and (l.bounced_at is null or l.bounced_at < came.at);

alter table alerts
  drop constraint alerts_kind_check,
  add constraint alerts_kind_check check (
    kind in ('held-digest', 'paused-digest', 'open-circuit', 'failing-feeds', 'held-articles', 'attack', 'failed-rows',
             'wrong-clock', 'restored', 'unread-mailbox', 'failed-mails', 'worse-dns', 'provider-limits', 'much-returned'));
