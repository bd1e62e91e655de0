-- What a mail server is handed is counted by the minute, so that the rates for an hour and a day hold in any sixty minutes and
-- any twenty-four hours; rates for a second and a minute space the messages instead.

alter table transports
  -- The end of the time that workers have reserved for messages they are about to send.
  add column pace_reserved_until timestamptz;

alter table transport_usage rename to transport_usage_by_span;

-- At most a row for each minute of the last day.
create table transport_usage (
  transport_id smallint not null references transports,
  minute timestamptz not null,
  messages integer not null check (messages >= 0),
  primary key (transport_id, minute)
);

-- The day's count has the hour's in it, where a server has both.
insert into transport_usage (transport_id, minute, messages)
select distinct on (transport_id) transport_id, starts_at, used
  from transport_usage_by_span
 where span in ('hour', 'day')
 order by transport_id, used desc, starts_at;

drop table transport_usage_by_span;
