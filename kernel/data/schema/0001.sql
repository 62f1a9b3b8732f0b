-- The kernel's own tables, the same in every service's database.

create function ensure_month_partitions(parent text, months_ahead int) returns void
language plpgsql security definer set search_path = public as $$
declare month date;
begin
  if parent not in ('outbox', 'trail') then
    raise exception 'not a partitioned table of the kernel: %', parent;
  end if;
  for month in
    select (date_trunc('month', now() at time zone 'utc') + make_interval(months => step))::date
      from generate_series(0, months_ahead) as step
  loop
    execute format(
      'create table if not exists %I partition of %I for values from (%L) to (%L)',
      parent || '_' || to_char(month, 'YYYYMM'), parent,
      month::timestamp at time zone 'utc', (month + interval '1 month')::timestamp at time zone 'utc');
  end loop;
end $$;

create table outbox (
  message_id uuid not null,
  recorded_at timestamptz not null default now(),
  topic text not null,
  aggregate_id uuid not null,
  version int not null,
  event jsonb not null,
  occurred_at timestamptz not null,
  person_id uuid,
  position_id uuid,
  trace_id text,
  cause_id uuid,
  sequence bigint,
  published_at timestamptz,
  primary key (recorded_at, message_id)
) partition by range (recorded_at);
create index outbox_unsequenced on outbox (recorded_at, message_id) where sequence is null;
create index outbox_unpublished on outbox (sequence) where published_at is null and sequence is not null;
create index outbox_sequence on outbox (sequence);
select ensure_month_partitions('outbox', 2);

create table outbox_head (
  only_row boolean primary key default true check (only_row),
  sequence bigint not null
);
insert into outbox_head (sequence) values (0);

create table inbox (
  consumer text not null,
  message_id uuid not null,
  received_at timestamptz not null default now(),
  primary key (consumer, message_id)
);
create index inbox_age on inbox (received_at);

create table catch_up (
  source text primary key,
  sequence bigint not null,
  caught_up_at timestamptz not null default now()
);

create table commands (
  actor_id uuid not null,
  method text not null,
  request_id uuid not null,
  body_hash bytea not null,
  answer jsonb,
  decided_at timestamptz not null default now(),
  primary key (actor_id, method, request_id)
);
create index commands_age on commands (decided_at);

create table trail (
  id uuid not null,
  recorded_at timestamptz not null default now(),
  occurred_at timestamptz not null,
  agency_id uuid not null,
  actor_kind text not null,
  person_id uuid,
  position_id uuid,
  on_behalf_of uuid,
  action text not null,
  subject_type text not null,
  subject_id uuid not null,
  reason text,
  before jsonb,
  after jsonb,
  trace_id text,
  request_id uuid,
  cause text,
  primary key (recorded_at, id)
) partition by range (recorded_at);
create index trail_subject on trail (subject_id, recorded_at desc, id desc);
create index trail_chain on trail (agency_id, recorded_at, id);
select ensure_month_partitions('trail', 2);

create table trail_pending (
  trail_id uuid primary key,
  recorded_at timestamptz not null
);

create table trail_seals (
  agency_id uuid not null,
  month date not null,
  position bigint not null,
  trail_id uuid not null unique,
  recorded_at timestamptz not null,
  previous_hash bytea not null,
  hash bytea not null,
  sealed_at timestamptz not null default now(),
  primary key (agency_id, month, position)
);

create table trail_heads (
  agency_id uuid not null,
  month date not null,
  position bigint not null,
  hash bytea not null,
  primary key (agency_id, month)
);

create table jobs (
  id uuid primary key,
  kind text not null,
  arguments jsonb not null,
  state text not null check (state in ('queued', 'running', 'done', 'failed', 'cancelled')),
  checkpoint jsonb,
  done int not null default 0,
  total int,
  requested_by uuid,
  agency_id uuid,
  trace_id text,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  heartbeat_at timestamptz,
  finished_at timestamptz,
  attempts int not null default 0,
  error text,
  cancel_requested boolean not null default false
);
create index jobs_claim on jobs (created_at) where state in ('queued', 'running');

create table uploads (
  id uuid primary key,
  agency_id uuid not null,
  person_id uuid,
  key text not null unique,
  name text not null,
  media_type text not null,
  size bigint not null,
  sha256 text not null,
  state text not null check (state in ('reserved', 'available', 'quarantined')),
  version_id text,
  fault text,
  locked_until timestamptz,
  reserved_at timestamptz not null default now(),
  expires_at timestamptz not null,
  confirmed_at timestamptz
);
create index uploads_expiry on uploads (expires_at) where state = 'reserved';

create table agency_nodes (
  id uuid primary key,
  parent_id uuid,
  code text not null,
  name text not null,
  short_name text not null,
  kind text not null,
  valid_from date not null,
  valid_to date,
  version int not null
);
create index agency_nodes_parent on agency_nodes (parent_id);

create table agency_closure (
  ancestor_id uuid not null,
  descendant_id uuid not null,
  valid_from date not null,
  valid_to date,
  primary key (ancestor_id, descendant_id, valid_from)
);
create index agency_closure_up on agency_closure (descendant_id);
