"""Dossiers of 250 agencies, asked for by three who see more and less of them."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from kernel.run.process import sweep_once
from services.cases.service import CasesService
from tests.integration.cases.test_lists import _DOSSIERS, _FIGURES, _PARTIES
from tests.integration.plans import PROOF, analyze
from tests.integration.size.callers import Asked, assert_nobody_waits_longer, tokens_of, walked
from tests.integration.size.country import BUSY, OFFICER_OF, ROOT, found_tree

MANY = 200_000 if PROOF else 10_000
TABLES = ("dossiers", "parties", "clocks", "agency_nodes", "agency_closure")
QUESTIONS = {
    "dossiers": ("list_dossiers", {}),
    "dossiers that are open": ("list_dossiers", {"status": "processing"}),
    "dossiers of an agency": ("list_dossiers", {"agency_id": OFFICER_OF}),
    "overdue": ("list_dossiers", {"overdue_only": True}),
    "of a procedure": ("list_dossiers", {"document_id": UUID(int=8)}),
    "dossiers by ids": ("dossiers_by_ids", {"ids": [UUID(int=n) for n in range(50)]}),
    "duties": ("dossier_duties", {}),
}
_PROCEDURE = """
insert into procedures (revision_id, document_id, number, agency_id, code, title, distribution,
    effective_from) values (:revision, lpad('1', 32, '0')::uuid, 1, lpad('1', 32, '0')::uuid, 'QT', 'Thủ tục',
    '{}', '2025-07-01')
"""
# What is open is half taken up by the one officer of each agency, half handed over to the agency.
_STEPS = """
update dossiers set step_seq = 1, steps = jsonb_build_array(jsonb_build_object(
    'seq', 1, 'number', 'B1', 'responsible', 'Chuyên viên', 'content', 'Xử lý', 'agency_id', agency_id,
    'status', each.status, 'officer_id', case each.status when 'in_progress' then agency_id end,
    'handed_over_at', received_at, 'acknowledged_at', received_at))
  from (values (0, 'in_progress'), (1, 'handed_over')) each(half, status)
 where dossiers.status = 'processing' and substr(number, 2)::int / 10 % 2 = each.half
"""


@pytest.fixture
def asked(running, rpc, platform, a_token):
    service = running("cases", "rpc")
    [keep_calendar] = [each for each in CasesService.sweeps if each.name == "keep_calendar"]
    assert sweep_once(service.means, keep_calendar)
    revision = uuid4()
    with service.database.sessions() as session:
        found_tree(session, ROOT)
        session.execute(text(_PROCEDURE), {"revision": revision})
        session.execute(_DOSSIERS, {"many": MANY, "agencies": BUSY, "revision": revision})
        session.execute(text(_STEPS))
        session.execute(_PARTIES)
        session.execute(_FIGURES)
        session.commit()
    analyze(platform, service.database, TABLES)
    return Asked(rpc, "cases", service.database, tokens_of(a_token, ROOT))


@pytest.mark.proof
def test_no_read_of_dossiers_walks_through_a_table(asked, record_property):
    record_property("dossiers", MANY)
    found = walked(asked, QUESTIONS, TABLES)
    assert not found, "\n".join(found)


@pytest.mark.proof
def test_who_sees_fewer_dossiers_waits_no_longer(asked, record_property):
    assert_nobody_waits_longer(asked, QUESTIONS, record_property)
