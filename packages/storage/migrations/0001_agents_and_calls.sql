-- Nothing is searched for inside the JSON columns; plain json keeps the order of keys, which people read.

-- Agents that people define. settings is the shape AgentSettings.
create table agents (
  id text primary key,
  ordinal bigserial unique,
  name text not null unique,
  settings json not null,
  version integer not null default 1,
  created_at bigint not null,
  updated_at bigint not null
);

-- One row a call; state is the fold of its events (shape CallState). Times in Unix ms.
create table calls (
  id text primary key,
  ordinal bigserial unique,
  agent_id text not null,
  agent_name text not null,
  status text not null,
  started_at bigint not null,
  ended_at bigint,
  last_seq integer not null,
  state json not null
);
create index calls_by_agent_name on calls (agent_name, ordinal desc);
create index calls_by_agent_id on calls (agent_id, ordinal desc);
create index calls_by_status on calls (status, ordinal desc);
create index calls_by_end on calls (ended_at) where ended_at is not null;

-- The events themselves. The key makes a repeated event harmless.
create table call_events (
  call_id text not null,
  seq integer not null,
  time bigint not null,
  body json not null,
  primary key (call_id, seq)
);

-- What was deleted: keeps list cursors exact, and late events from bringing a deleted call back.
create table tombstones (
  kind text not null,
  id text not null,
  ordinal bigint not null,
  deleted_at bigint not null,
  primary key (kind, id)
);

-- Things done once in this database's life.
create table markers (
  name text primary key,
  created_at bigint not null
);
