"""How long the dossiers of a whole commune take to follow, and what looking for them costs when all did.

EISO_PROOF=1 makes it 100,000 dossiers, a tenth of them open, among 300,000 rows of others.
"""

from time import perf_counter
from uuid import UUID

import pytest
from sqlalchemy import select, text

from kernel.run.process import sweep_once
from org import succession
from org.tables import agency_heirs
from services.cases.dossiers.tables import dossiers, parties
from services.cases.service import CasesService
from services.cases.statistics import queries as figures
from services.cases.succession import sweeps as following
from tests.integration.cases.test_following import Merging, clock_of
from tests.integration.following import sweep_of
from tests.integration.plans import PROOF, analyze, read_whole, watched

MANY = 100_000 if PROOF else 600
OTHERS = 300_000 if PROOF else 5_000
CHUNK = 20_000
HEIRS = 1_000
TABLES = ("dossiers", "parties", "clocks", "agency_heirs")


@pytest.fixture
def crowded(office, platform):
    """One commune with as many dossiers as a real one keeps, and all that belongs to others."""
    merging = Merging(office)
    merging.model = merging.receive(0, blocks=[])
    given = {"model": UUID(merging.model["id"]), "many": MANY, "heirs": HEIRS}
    with office.database.sessions() as session:
        for statement, rows in ((_DOSSIERS, MANY), (_PARTIES, MANY), (_TOLD, MANY), (_OTHERS, OTHERS)):
            for first in range(1, rows + 1, CHUNK):
                chunk = {"first": first, "last": min(rows, first + CHUNK - 1)}
                session.execute(text(statement), given | chunk)
                session.commit()
        for statement in (_CLOCKS, _HEIRS):
            session.execute(text(statement), given)
        figures.rebuild(session)
        session.commit()
    analyze(platform, office.database, TABLES)
    return merging


@pytest.mark.proof
def test_looking_for_what_is_left_reads_no_table_whole(office, crowded, record_property):
    with watched(office.database) as asked:
        begun = perf_counter()
        assert crowded.follow() == 0
        record_property("idle_ms", round(1000 * (perf_counter() - begun), 1))
        with office.database.sessions() as session:
            assert succession.still_with(session, parties.c.agency_id) is None
            assert session.execute(text(following.DUE)).one()[0] == 0
    assert read_whole(office.database, asked, ("dossiers", "parties", "clocks")) == []


@pytest.mark.proof
def test_a_whole_communes_dossiers_follow_batch_by_batch(office, crowded, record_property):
    before = clock_of(office, crowded.model)
    crowded.merge()
    crowded.found_the_new()
    begun, moved, slowest = perf_counter(), 0, 0.0
    while done := sweep_once(office.running.means, sweep_of(CasesService)):
        moved += done
        if moved % 5_000 < done:
            asked = perf_counter()
            assert office.ok("list_dossiers", {"first": 20}, crowded.clerk())["items"]
            slowest = max(slowest, perf_counter() - asked)
    assert moved == MANY + 1
    record_property("rows", MANY)
    record_property("seconds", round(perf_counter() - begun, 1))
    record_property("slowest_list_ms", round(1000 * slowest, 1))
    assert office.count(parties, parties.c.agency_id == crowded.old[0]) == 0
    assert office.count(dossiers, dossiers.c.received_agency_id == crowded.old[0]) == MANY + 1
    assert clock_of(office, crowded.model) == before
    with office.database.sessions() as session:
        assert list(figures.differences(session)) == []
        heir = select(agency_heirs.c.heir_id).where(agency_heirs.c.agency_id == crowded.old[0])
        assert session.scalar(heir) == crowded.new


_COLUMNS = """kind, competent_agency_id, supporting, coordinating, document_id, revision_id, revision_number,
    document_code, title, tthc_code, applicant_name, counts_from, first_heard_at, rules_on,
    calendar_version"""
_DOSSIERS = f"""
insert into dossiers (id, version, agency_id, number, {_COLUMNS}, received_at, status, steps, step_seq,
    clock, step_clocks, pauses, due_at, is_overdue, ended_at, is_synced)
select md5('d' || n)::uuid, 1, agency_id, 'N' || n, {_COLUMNS}, received_at - n * interval '1 minute',
       case when n % 10 = 0 then 'processing' else 'finished' end, steps, step_seq, clock, step_clocks,
       pauses, due_at, false, case when n % 10 = 0 then null else received_at end, false
  from dossiers, generate_series(cast(:first as int), cast(:last as int)) n where id = :model"""
_CLOCKS = """
insert into clocks (dossier_id, next_moment)
select d.id, c.next_moment from dossiers d, clocks c
 where c.dossier_id = :model and d.is_open and d.id <> :model"""
_PARTIES = """
insert into parties (agency_id, dossier_id, roles, status, document_id, received_at, due_at)
select p.agency_id, d.id, p.roles, d.status, d.document_id, d.received_at, d.due_at
  from parties p, generate_series(cast(:first as int), cast(:last as int)) n
  join dossiers d on d.id = md5('d' || n)::uuid
 where p.dossier_id = :model"""
# What was published of each when it came: the log is what figures are counted anew from.
_TOLD = """
insert into outbox (message_id, topic, aggregate_id, version, event, occurred_at, recorded_at, person_id,
    position_id, trace_id, cause_id, sequence, published_at)
select md5('m' || n)::uuid, o.topic, d.id, 1,
       o.event || jsonb_build_object('dossier_id', d.id, 'number', d.number, 'status', d.status,
         'received_at', d.received_at, 'finished_at', d.ended_at,
         'on_time', case when d.ended_at is null then null else true end),
       o.occurred_at, o.recorded_at, o.person_id, o.position_id, o.trace_id, o.cause_id, 1000 + n, now()
  from outbox o, generate_series(cast(:first as int), cast(:last as int)) n
  join dossiers d on d.id = md5('d' || n)::uuid
 where o.aggregate_id = :model"""
_OTHERS = """
insert into parties (agency_id, dossier_id, roles, status, document_id, received_at, due_at)
select md5('a' || n % 129)::uuid, md5('d' || 1 + n % :many)::uuid, p.roles, p.status, p.document_id,
       p.received_at, p.due_at
  from parties p, generate_series(cast(:first as int), cast(:last as int)) n
 where p.dossier_id = :model
on conflict do nothing"""
_HEIRS = """
insert into agency_heirs (agency_id, heir_id, since, basis, reorganisation_id)
select md5('h' || n)::uuid, md5('i' || n % 300)::uuid, '2025-07-01', '1', md5('r')::uuid
  from generate_series(1, :heirs) n"""
