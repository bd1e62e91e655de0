-- When each worker last got mail into a server. What one worker alone cannot reach is kept from nobody else.

create table reached_transports (
  worker uuid not null,
  transport_id smallint not null references transports on delete cascade,
  reached_at timestamptz not null,
  primary key (worker, transport_id)
);
