"""20,000 agencies, each renamed once: reads go by an index, whatever is searched for."""

import re
from datetime import date
from uuid import uuid4

import pytest
from sqlalchemy import select

from contracts.directory import agencies as c
from contracts.directory import reorganisations as r
from services.directory.agencies.tables import agencies
from tests.integration.directory.acts import a_preview, an_act
from tests.integration.directory.test_who_is_who import fill, plans_of

AGENCIES = 20_000
FILL = (
    f"""create temporary table made on commit drop as
       select n, gen_random_uuid() as id from generate_series(1, {AGENCIES}) n""",
    "insert into agencies (id, version, changed_on) select id, 2, '2026-07-01' from made",
    """insert into agency_periods (agency_id, valid_from, valid_to, code, name, short_name, kind, parent_id,
                                   name_folded, search_folded)
       select m.id, p.begins, p.ends, 'H42.9.' || m.n, p.name || m.n, p.name || m.n, 'commune',
              coalesce(above.id, $root), p.folded || m.n, p.folded || m.n || ' h42.9.' || m.n
         from made m left join made above on above.n = m.n / 100 and m.n >= 100,
              (values (date '2025-07-01', date '2026-07-01', 'Thị trấn số ', 'thi tran so '),
                      (date '2026-07-01', null, 'Phường số ', 'phuong so ')) p(begins, ends, name, folded)""",
    """insert into agency_successions
       select id, gen_random_uuid(), '2026-07-01', 'absorption', false, gen_random_uuid() from made""",
)
ASKED = {
    "the first page": c.ListAgencies(),
    "the last state of all": c.ListAgencies(ended=True),
    "a day before the change": c.ListAgencies(as_of=date(2026, 1, 1)),
    "a name of today": c.ListAgencies(search="phuong so 12345"),
    "a name of then": c.ListAgencies(search="Thị trấn số 12345"),
    "short words": c.ListAgencies(search="so 7777"),
    "a code": c.ListAgencies(search="h42.9.777"),
    "a kind": c.ListAgencies(kind="commune", as_of=date(2026, 1, 1)),
    "a word of thousands": c.ListAgencies(search="9.1"),
    "a word of hundreds": c.ListAgencies(search="h42.9.77"),
    "what all are called": c.ListAgencies(search="phường số"),
    "what all were called": c.ListAgencies(search="thị trấn số"),
}


@pytest.fixture
def filled(directory):
    fill(directory, FILL)
    return directory


def test_no_read_walks_through_all_agencies(filled):
    walked = []
    for what, question in ASKED.items():
        walked += [f"{what}:\n{p}" for p in plans_of(filled, "list_agencies", question) if "Seq Scan" in p]
    assert not walked, "\n".join(walked)


def rows_of(plan: str) -> int:
    """The rows that all parts of a plan brought forth or threw away, each as often as it ran."""
    rows = 0
    for found, loops in re.findall(r"actual rows=(\d+) loops=(\d+)", plan):
        rows += int(found) * int(loops)
    return rows + sum(map(int, re.findall(r"Rows Removed by .*: (\d+)", plan)))


def test_a_search_that_means_all_of_them_handles_each_a_few_times(filled):
    """All match and all are ranked, so all are read; to read each anew for each other would take minutes."""
    for what, question in ASKED.items():
        assert filled.ok("list_agencies", question)["items"], what
        plans = plans_of(filled, "list_agencies", question, "explain (analyze, timing off)")
        handled = sum(map(rows_of, plans))
        print(f"{what}: {handled}")
        assert 0 < handled < 10 * AGENCIES, what


def test_histories_successions_and_acts_are_read_by_index(filled):
    with filled.database.sessions() as session:
        some = list(session.scalars(select(agencies.c.id).limit(3)))
    amendment = r.AgencyAmendment(agency_id=some[0], name="Tên khác", code="H42.9.X")
    act = an_act(date(2026, 8, 1), amendments=[amendment])
    asked = {
        "agency_histories": r.AgencyHistories(ids=some),
        "successors_by_ids": r.SuccessorsByIds(ids=some),
        "predecessors_by_ids": r.PredecessorsByIds(ids=[*some, uuid4()]),
        "reorganisation_preview": a_preview(act),
    }
    for method, question in asked.items():
        for plan in plans_of(filled, method, question):
            assert "Seq Scan on agenc" not in plan, f"{method}:\n{plan}"
