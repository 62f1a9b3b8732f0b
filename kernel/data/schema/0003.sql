-- Who goes on with the things of an agency that ended; an agency ends once.
create table agency_heirs (
  agency_id uuid primary key,
  heir_id uuid not null,
  since date not null,
  basis text not null,
  reorganisation_id uuid not null
);
create index agency_heirs_back on agency_heirs (heir_id);
