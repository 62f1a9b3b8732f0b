"""The page of duties: three calls for everything, ordered by the office hours left, whole parts or none."""

from collections import Counter
from datetime import UTC, datetime
from uuid import uuid4

from contracts.duties import DutyCount, DutyKind, DutyList, DutySubject, DutyView
from kernel.base.errors import Unavailable
from tests.gateway.fakes import FakeBus, a_position, among, an_agency, run

PAGE = """query { duties { items { kind code minutesLeft since agency { code } } counts { kind count late }
  notAnswering } }"""


def a_duty(kind, code, left, agency, hour=8):
    return DutyView(
        kind=kind,
        subject=DutySubject.DOSSIER,
        subject_id=uuid4(),
        part_id=None,
        code=code,
        title="Việc",
        agency_id=agency.id,
        since=datetime(2026, 8, 10, hour, tzinfo=UTC),
        due_at=None,
        minutes_left=left,
        is_own=True,
    )


def listed(*duties):
    counts = Counter(each.kind for each in duties)
    counted = [DutyCount(kind=kind, count=count, late=0) for kind, count in counts.items()]
    return DutyList(items=list(duties), counts=counted)


def a_bus(agency, **more):
    answers = {
        "document_duties": listed(
            a_duty(DutyKind.REVIEW, "late-review", None, agency, hour=9),
            a_duty(DutyKind.REVIEW, "early-review", None, agency, hour=7),
        ),
        "dossier_duties": listed(
            a_duty(DutyKind.STEP, "soon", 30, agency), a_duty(DutyKind.STEP, "late", -90, agency)
        ),
        "quality_duties": listed(a_duty(DutyKind.ACTION, "later", 600, agency)),
        "agencies_by_ids": among([agency]),
    }
    return FakeBus(**answers | more)


async def test_all_services_parts_stand_in_one_order_after_one_call_each():
    agency = an_agency(code="H42.07")
    bus = a_bus(agency)
    page = (await run(bus, PAGE)).data["duties"]
    assert [each["code"] for each in page["items"]] == [
        *("late", "soon", "later"),
        *("early-review", "late-review"),
    ]
    assert {each["agency"]["code"] for each in page["items"]} == {"H42.07"}
    assert {each["kind"]: each["count"] for each in page["counts"]} == {"REVIEW": 2, "STEP": 2, "ACTION": 1}
    assert page["notAnswering"] == []
    assert set(Counter(bus.asked).values()) == {1}


async def test_a_service_that_is_away_is_named_and_the_rest_stands():
    away = Unavailable("service_unavailable", service="cases")
    page = (await run(a_bus(an_agency(), dossier_duties=away), PAGE)).data["duties"]
    assert page["notAnswering"] == ["cases"]
    assert [each["code"] for each in page["items"]] == ["later", "early-review", "late-review"]


async def test_of_another_position_each_service_is_asked_for_its_holder():
    position = a_position()
    bus = a_bus(an_agency(), positions_by_ids=among([position]))
    asked = f'query {{ duties(positionId: "{position.id}") {{ notAnswering }} }}'
    assert (await run(bus, asked)).errors is None
    bodies = [body for method, body in bus.calls if method.endswith("_duties")]
    wanted = {"first": 50, "position_id": str(position.id), "person_id": str(position.person_id)}
    assert bodies == [wanted] * 3


async def test_a_position_that_is_not_there_is_refused_and_nobody_asked():
    bus = a_bus(an_agency(), positions_by_ids=[])
    answer = await run(bus, f'query {{ duties(positionId: "{uuid4()}") {{ notAnswering }} }}')
    assert answer.errors[0].extensions["code"] == "position_not_found"
    assert not any(method.endswith("_duties") for method in bus.asked)
