-- Agencies through time: where each stood from a day on, and who took over from whom.
create table agency_places (
  agency_id uuid not null,
  valid_from date not null,
  valid_to date,
  parent_id uuid,
  code text not null,
  name text not null,
  short_name text not null,
  kind text not null,
  primary key (agency_id, valid_from)
);
create index agency_places_parent on agency_places (parent_id);
insert into agency_places (agency_id, valid_from, valid_to, parent_id, code, name, short_name, kind)
  select id, valid_from, valid_to, parent_id, code, name, short_name, kind from agency_nodes;

create table agency_successions (
  predecessor_id uuid not null,
  successor_id uuid not null,
  began_on date not null,
  kind text not null,
  goes_on boolean not null,
  reorganisation_id uuid not null,
  primary key (predecessor_id, successor_id, began_on)
);
create index agency_successions_back on agency_successions (successor_id);
