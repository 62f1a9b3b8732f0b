"""The lists on real servers: pages by keyset, each agency sees its own, and no list reads the whole table."""

import json
from datetime import UTC, datetime
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import select, text
from sqlalchemy.dialects import postgresql

from contracts.cases import dossiers as c
from kernel.data.paging import directed
from kernel.trust.reach import Reach
from services.cases.dossiers import queries
from services.cases.procedures.tables import procedures
from tests.integration.plans import PROOF, sequential

MANY = 200_000 if PROOF else 20_000
AGENCIES = 129
NOW = datetime(2026, 8, 20, tzinfo=UTC)


def agency(place: int) -> UUID:
    return UUID(int=place + 1)


def pages(office, token, **question):
    seen, after = [], None
    while True:
        page = office.ok("list_dossiers", question | {"first": 2, "after": after}, token)
        seen += [each["number"] for each in page["items"]]
        if not page["has_next"]:
            return seen
        after = page["cursors"][-1]


def test_pages_follow_each_other_for_any_caller(office, business_clock):
    business_clock("2026-08-10T08:00+07:00")
    made = [office.received(received_at=f"2026-08-0{day}T09:00:00+07:00")["number"] for day in range(3, 8)]
    made.reverse()
    own = office.officer()
    above = office.officer(office.root, "province_admin", with_subtree=True)
    some = office.a_token("case_officer", agency=office.department)
    for token in (own, above, some):
        assert pages(office, token) == made
        assert pages(office, token, agency_id=office.department) == made
        assert pages(office, token, status="processing") == made
        assert pages(office, token, status="finished") == []
        assert pages(office, token, document_id=office.document) == made
    at_root = office.officer(office.root)
    assert pages(office, at_root) == made
    assert pages(office, office.officer(office.commune)) == []
    assert pages(office, office.officer(office.commune), agency_id=office.department) == []
    business_clock("2026-08-21T12:00+07:00")
    overdue = pages(office, own, overdue_only=True)
    assert overdue == sorted(overdue, key=made[::-1].index)
    assert 0 < len(overdue) < 6


def test_a_cursor_that_is_none_is_refused(office):
    assert office.refused("list_dossiers", {"after": "xyz"}) == ("bad_cursor", "after")


@pytest.fixture
def crowded(office):
    """Many dossiers of 129 agencies, and the statistics that a live table would have."""
    office.received()
    with office.database.sessions() as session:
        revision = session.scalar(select(procedures.c.revision_id))
        session.execute(_DOSSIERS, {"many": MANY, "agencies": AGENCIES, "revision": revision})
        session.execute(_PARTIES)
        session.execute(_FIGURES)
        session.commit()
    _analyze(office)
    return office


def _analyze(office):
    name = office.database.engine.url.database
    with psycopg.connect(office.platform.admin_url_of(name), autocommit=True) as connection:
        for table in ("dossiers", "parties", "clocks", "figures"):
            connection.execute(f"analyze {table}")


REACHES = {
    "the whole province": Reach(everything=True),
    "one agency": Reach(everything=False, agency_ids=(agency(7),)),
    "some agencies": Reach(everything=False, agency_ids=tuple(agency(n) for n in range(3, 9))),
}
QUESTIONS = {
    "newest": {},
    "of an agency": {"agency_id": agency(7)},
    "by status": {"status": c.DossierStatus.PAUSED},
    "by document": {"document_id": UUID(int=1)},
    "overdue": {"overdue_only": True},
}


def plan_of(office, statement):
    compiled = statement.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True})
    with office.database.sessions() as session:
        return session.execute(text(f"explain (format json) {_escaped(str(compiled))}")).scalar()


def _escaped(statement: str) -> str:
    return statement.replace(":", r"\:")


@pytest.mark.proof
def test_no_list_reads_a_whole_table(crowded, record_property):
    record_property("rows", MANY)
    for who, reach in REACHES.items():
        for what, asked in QUESTIONS.items():
            listed, order = queries.listing(reach, c.ListDossiers(**asked), NOW)
            page = listed.order_by(*directed(order)).limit(51)
            [top] = plan_of(crowded, page)
            assert list(sequential(top["Plan"])) == [], f"{what}, seen by {who}: {json.dumps(top)}"


@pytest.mark.proof
def test_the_sweep_reads_what_is_due_and_no_more(crowded):
    due = text(
        "explain (format json) select d.id from dossiers d join clocks c on c.dossier_id = d.id"
        " where c.next_moment < '2026-01-01' order by c.next_moment limit 50 for update of c, d skip locked"
    )
    with crowded.database.sessions() as session:
        session.execute(
            text(
                "insert into clocks select id, received_at from dossiers where is_open on conflict do nothing"
            )
        )
        session.commit()
    _analyze(crowded)
    with crowded.database.sessions() as session:
        [top] = session.execute(due).scalar()
    assert list(sequential(top["Plan"])) == []


@pytest.mark.proof
def test_one_question_gives_the_figures_of_every_agency(crowded):
    everybody = crowded.officer(crowded.root, "province_admin", with_subtree=True)
    ids = [agency(n) for n in range(AGENCIES)]
    rows = crowded.ok("figures_of", {"agency_ids": ids}, everybody)
    assert len(rows) == AGENCIES
    assert sum(row["received"] for row in rows) == MANY


def test_one_who_reaches_the_whole_tree_sees_silent_agencies_too(office, business_clock):
    business_clock("2026-08-10T08:00+07:00")
    office.received(received_at="2026-08-07T09:00:00+07:00")
    everybody = office.officer(office.root, "province_admin", with_subtree=True)
    received = {row["agency_id"]: row["received"] for row in office.ok("figures_of", {}, everybody)}
    assert received[str(office.department)] == 1
    assert received[str(office.commune)] == 0
    assert str(office.root) in received
    [own] = office.ok("figures_of", {}, office.officer(office.commune))
    assert own["agency_id"] == str(office.commune)


def test_months_are_summed_over_all_that_one_reaches_and_none_is_left_out(office, business_clock):
    business_clock("2026-08-10T08:00+07:00")
    for day in ("2026-07-30", "2026-08-06", "2026-08-07"):
        office.received(received_at=f"{day}T09:00:00+07:00")
    year = {"from_month": "2025-09-01", "to_month": "2026-08-31"}
    months = office.ok("figures_by_month", year)
    assert [month["month"] for month in months][::11] == ["2025-09-01", "2026-08-01"]
    assert [month["received"] for month in months] == [0] * 10 + [1, 2]
    elsewhere = office.ok("figures_by_month", year, office.officer(office.commune))
    assert [month["received"] for month in elsewhere] == [0] * 12
    named = year | {"agency_ids": [str(office.department)]}
    assert office.ok("figures_by_month", named, office.officer(office.commune)) == elsewhere


@pytest.mark.parametrize("last", ["2025-08-31", "2035-09-01"])
def test_months_backwards_or_without_end_are_refused(office, last):
    asked = {"from_month": "2025-09-01", "to_month": last}
    assert office.refused("figures_by_month", asked) == ("months_do_not_fit", "toMonth")


_DOSSIERS = text(
    """
insert into dossiers (id, version, agency_id, number, kind, competent_agency_id, supporting, coordinating,
    document_id, revision_id, revision_number, document_code, title, received_at, counts_from, first_heard_at,
    rules_on, calendar_version, status, steps, step_clocks, pauses, due_at, is_overdue, ended_at, is_synced)
select md5('d' || n)::uuid, 1, agency, 'S' || n, 'tthc', agency, '{}', '{}',
    lpad(to_hex(1 + n % 20), 32, '0')::uuid, :revision, 1, 'QT', 'Thủ tục', received, received, received,
    received::date, 1, status, '[]', '[]', '[]', received + interval '10 days', false,
    case when status in ('finished', 'stopped') then received + interval '9 days' end, false
  from generate_series(1, :many) n,
       lateral (select lpad(to_hex(1 + n % :agencies), 32, '0')::uuid as agency,
                       timestamptz '2025-08-01' + n * interval '27 minutes' as received,
                       case when n % 10 = 0 then 'processing' when n % 97 = 0 then 'paused'
                            when n % 101 = 0 then 'stopped' else 'finished' end as status) each
"""
)
_PARTIES = text(
    """
insert into parties (agency_id, dossier_id, roles, status, document_id, received_at, due_at)
select agency_id, id, '{receiving,competent}', status, document_id, received_at, due_at from dossiers
    on conflict do nothing
"""
)
_FIGURES = text(
    """
insert into figures
select agency_id, document_id, date_trunc('month', received_at)::date, count(*), 0, 0, 0, 0, 0, 0
  from dossiers where number like 'S%' group by 1, 2, 3
"""
)
