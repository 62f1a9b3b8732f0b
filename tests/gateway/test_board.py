"""The board's query: as many calls for a province as for one agency, and a row for everybody."""

from collections import Counter
from datetime import date
from uuid import UUID

import pytest

from contracts.audits.statistics import QualityFigures
from contracts.cases.statistics import FiguresView, MonthFigures
from contracts.documents.documents import DocumentFigures
from tests.gateway.fakes import FakeBus, among, an_agency, run

BOARD = """query { standings {
  proceduresInForce dossiersReceived dossiersFinished dossiersOnTime dossiersLate dossiersOverdueOpen
  openNonconformities overdueActions lastAuditOn lastReviewOn agency { code }
} dossierMonths(fromMonth: "2025-12-01", toMonth: "2026-11-22") { month finished onTime } }"""


def figures(agency_id: UUID, **changes: int) -> FiguresView:
    counts = dict.fromkeys(("received", "finished", "on_time", "late", "stopped", "open", "overdue_open"), 0)
    return FiguresView(agency_id=agency_id, document_id=None, **counts | changes)


def bus_of(agencies) -> FakeBus:
    month = MonthFigures(month=date(2025, 12, 1), received=3, finished=2, on_time=1, late=1)
    return FakeBus(
        document_figures_of=[
            DocumentFigures(agency_id=agencies[0].id, procedures_in_force=4, documents_in_force=5)
        ],
        figures_of=[figures(each.id, received=n, finished=n) for n, each in enumerate(agencies)],
        figures_by_month=[month],
        quality_figures_of=[
            QualityFigures(
                agency_id=agencies[-1].id,
                open_nonconformities=2,
                overdue_actions=1,
                last_audit_on=date(2026, 3, 1),
                last_review_on=None,
            )
        ],
        agencies_by_ids=among(agencies),
    )


@pytest.mark.parametrize("count", [1, 146])
async def test_the_board_costs_the_same_calls_for_one_agency_as_for_a_province(count):
    bus = bus_of([an_agency(code=f"H42.{n}") for n in range(count)])
    answer = await run(bus, BOARD)
    assert answer.errors is None
    assert len(answer.data["standings"]) == count
    assert Counter(bus.asked) == {
        "documents.document_figures_of": 1,
        "cases.figures_of": 1,
        "cases.figures_by_month": 1,
        "audits.quality_figures_of": 1,
        "directory.agencies_by_ids": 1,
    }


async def test_a_row_joins_what_each_service_knows():
    agencies = [an_agency(code="A"), an_agency(code="B"), an_agency(code="C")]
    answer = await run(bus_of(agencies), BOARD)
    rows = {row["agency"]["code"]: row for row in answer.data["standings"]}
    assert (rows["A"]["proceduresInForce"], rows["B"]["proceduresInForce"]) == (4, 0)
    assert (rows["B"]["dossiersReceived"], rows["C"]["dossiersReceived"]) == (1, 2)
    assert (rows["C"]["openNonconformities"], rows["C"]["lastAuditOn"]) == (2, "2026-03-01")
    assert rows["A"]["lastAuditOn"] is None
    assert answer.data["dossierMonths"] == [{"month": "2025-12-01", "finished": 2, "onTime": 1}]


async def test_nobody_signed_in_is_answered_so():
    answer = await run(FakeBus(), BOARD, token=None)
    assert {error.extensions["code"] for error in answer.errors} == {"not_signed_in"}
