-- What grants may no longer rely on, until the last grant that could has run out by itself. `noted_in` is the
-- transaction that wrote it: whoever reads on asks for what was not committed when they last read.
create table ended_authority (
  basis text not null,
  subject_id uuid not null,
  version int not null,
  until timestamptz not null,
  noted_in bigint not null default pg_current_xact_id()::text::bigint,
  primary key (basis, subject_id)
);
create index ended_authority_on on ended_authority (noted_in);
