"""Dossiers of another system: lines that contradict themselves, news, lateness; and links of agencies."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from contracts.cases.dossiers import DossierStatus
from contracts.cases.events import DossierChanged, DossierFinished, DossierOverdue, DossierReceived
from contracts.cases.sync import SyncedDossier, SyncedPause
from kernel.base.errors import Conflict, Invalid
from services.cases.links.domain import AgencyLink
from services.cases.sync import domain as synced
from tests.unit.cases.factories import a_clock, a_content, a_counting, a_dossier, at, working

NOW = at("2026-08-20 09:00")
RECEIVED, HOUR, DAY = at("2026-08-10 07:30"), timedelta(hours=1), timedelta(days=1)
WAITS = "cho_bo_sung"


def a_record(**changes):
    given = {"number": "H42-1", "received_at": RECEIVED, "changed_at": NOW, "tthc_code": "1.012644"}
    about = {"status": DossierStatus.PROCESSING, "applicant_name": "Đinh Thị Mẫu"}
    return SyncedDossier(**given | about | changes)


def a_pause(since, until=None, reason=WAITS):
    return SyncedPause(reason=reason, since=since, until=until)


def check(**changes):
    synced.check(a_record(**changes), NOW, {WAITS})


def code_of(**changes):
    with pytest.raises(Invalid) as refused:
        check(**changes)
    return refused.value.code, refused.value.field


def paused(*pauses):
    return {"status": DossierStatus.PAUSED, "pauses": list(pauses)}


def finished(moment, status=DossierStatus.FINISHED):
    return {"status": status, "finished_at": moment}


def test_a_line_names_its_procedure_one_way():
    check()
    check(tthc_code=None, document_code="QTTP-20")
    assert code_of(document_code="QTTP-20") == ("procedure_not_named", "tthcCode")
    assert code_of(tthc_code=None) == ("procedure_not_named", "tthcCode")


@pytest.mark.parametrize(("name", "field"), [("received_at", "receivedAt"), ("changed_at", "changedAt")])
def test_a_line_reports_nothing_of_the_future(name, field):
    check(**{name: NOW})
    assert code_of(**{name: NOW + HOUR}) == ("moment_in_the_future", field)


def test_a_due_time_lies_between_the_receipt_and_the_farthest_there_is():
    farthest = RECEIVED + 14_600 * DAY  # forty years
    for fits in (RECEIVED, NOW + DAY, farthest):
        check(due_at=fits)
    for does_not in (RECEIVED - HOUR, farthest + HOUR):
        assert code_of(due_at=does_not) == ("due_does_not_fit", "dueAt")


@pytest.mark.parametrize("status", [DossierStatus.FINISHED, DossierStatus.STOPPED])
def test_what_has_ended_says_when_and_nothing_else_does(status):
    for fits in (RECEIVED, NOW):
        check(**finished(fits, status))
    assert code_of(status=status) == ("end_does_not_fit_status", "finishedAt")
    assert code_of(finished_at=NOW) == ("end_does_not_fit_status", "finishedAt")
    for does_not in (RECEIVED - HOUR, NOW + HOUR):
        assert code_of(**finished(does_not, status)) == ("end_does_not_fit", "finishedAt")


def test_pauses_follow_one_another_and_the_last_of_one_that_pauses_is_open():
    first = a_pause(RECEIVED, RECEIVED + HOUR)
    check(pauses=[first, a_pause(RECEIVED + HOUR, NOW)])
    check(**paused(first, a_pause(RECEIVED + HOUR)))
    check(**paused(a_pause(NOW)))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"pauses": [a_pause(RECEIVED - HOUR, NOW)]}, "pauses.0"),
        ({"pauses": [a_pause(RECEIVED, NOW + HOUR)]}, "pauses.0"),
        ({"pauses": [a_pause(NOW, NOW - HOUR)]}, "pauses.0"),
        ({"pauses": [a_pause(RECEIVED, NOW), a_pause(NOW - HOUR, NOW)]}, "pauses.1"),
        (paused(a_pause(RECEIVED), a_pause(NOW - HOUR)), "pauses.0"),
        ({"pauses": [a_pause(RECEIVED)]}, "pauses.0"),
        (paused(a_pause(RECEIVED, NOW)), "pauses"),
        (paused(), "pauses"),
    ],
)
def test_pauses_that_cannot_have_been_are_refused(changes, field):
    assert code_of(**changes) == ("pauses_do_not_fit", field)


def test_a_reason_is_one_of_those_that_are_known():
    assert code_of(pauses=[a_pause(RECEIVED, NOW, "khac")]) == ("pause_reason_unknown", "pauses.0.reason")


# -- what was heard --------------------------------------------------------------------------------------


def a_synced(days=10.0):
    """A dossier of another system, of which nothing was heard, and a fresh clock of its procedure."""
    counting = a_counting()
    dossier = a_dossier(RECEIVED, counting, a_content(steps=[]))
    dossier.clock = None
    dossier.drain()
    return dossier, counting, a_clock(working(days))


def hear(dossier, counting, clock, now=NOW, **changes):
    synced.hear(dossier, a_record(**changes), clock, counting, now)
    return dossier.drain()


def published(events, kind):
    return [each for each in events if isinstance(each, kind)]


def test_only_what_is_newer_than_what_was_heard_is_news():
    dossier, counting, clock = a_synced()
    assert synced.is_news(dossier, a_record())
    hear(dossier, counting, clock)
    assert not synced.is_news(dossier, a_record())
    assert not synced.is_news(dossier, a_record(changed_at=NOW - HOUR))
    assert synced.is_news(dossier, a_record(changed_at=NOW + HOUR))


def test_the_record_is_the_state():
    dossier, counting, clock = a_synced()
    pauses = paused(a_pause(RECEIVED + DAY))
    hear(dossier, counting, clock, applicant_name="Khác", **pauses)
    assert (dossier.status, dossier.applicant_name) == (DossierStatus.PAUSED, "Khác")
    assert [(each.reason, each.paused_at, each.resumed_at) for each in dossier.pauses] == [
        (WAITS, RECEIVED + DAY, None)
    ]
    assert (dossier.source_changed_at, dossier.due_at) == (NOW, None)


def test_a_pause_moves_the_due_time_by_as_much_as_it_lasted():
    plain, counting, clock = a_synced()
    hear(plain, counting, clock)
    later, _, _ = a_synced()
    hear(later, counting, clock, pauses=[a_pause(RECEIVED + DAY, RECEIVED + 2 * DAY)])
    assert later.due_at - plain.due_at == DAY


def test_a_due_time_that_is_sent_counts_also_where_nothing_is_counted_here():
    for clock in (None, a_clock(working(10))):
        dossier, counting, _ = a_synced()
        hear(dossier, counting, clock, due_at=NOW + 5 * DAY)
        assert dossier.due_at == NOW + 5 * DAY


def test_where_nothing_is_counted_the_time_that_is_sent_is_the_whole_dossiers():
    dossier, counting, _ = a_synced()
    hear(dossier, counting, None, due_at=NOW + 5 * DAY)
    assert (dossier.clock.seq, dossier.clock.seconds, dossier.clock.runs) == (0, 0, True)
    hear(dossier, counting, None, changed_at=NOW + HOUR)
    assert (dossier.clock, dossier.due_at) == (None, None)


def test_what_is_heard_first_is_received_and_later_it_is_changed():
    dossier, counting, clock = a_synced()
    [received] = hear(dossier, counting, clock)
    assert isinstance(received, DossierReceived)
    [changed] = hear(dossier, counting, clock, changed_at=NOW + HOUR, **paused(a_pause(RECEIVED + DAY)))
    assert isinstance(changed, DossierChanged)
    assert (changed.status, changed.due_at) == (DossierStatus.PAUSED, None)


def test_late_is_published_once_with_the_due_time():
    dossier, counting, clock = a_synced(2)
    [late] = published(hear(dossier, counting, clock), DossierOverdue)
    assert (dossier.is_overdue, dossier.clock.told_overdue, dossier.clock.told_nearing) == (True, True, True)
    assert late.dossier_id == dossier.id
    assert published(hear(dossier, counting, clock, changed_at=NOW + HOUR), DossierOverdue) == []


def test_what_is_due_this_very_moment_is_not_late():
    dossier, counting, clock = a_synced()
    hear(dossier, counting, clock, due_at=NOW)
    assert not dossier.is_overdue
    hear(dossier, counting, clock, due_at=NOW, now=NOW + HOUR, changed_at=NOW + HOUR)
    assert dossier.is_overdue


def test_a_pause_is_the_latest_time_judged():
    dossier, counting, clock = a_synced()
    events = hear(dossier, counting, clock, due_at=NOW - DAY, **paused(a_pause(NOW - 2 * DAY)))
    assert (dossier.is_overdue, published(events, DossierOverdue)) == (False, [])


def test_one_that_ended_is_judged_by_its_end_and_a_stopped_one_is_published_to_nobody():
    in_time, counting, clock = a_synced()
    hear(in_time, counting, clock, due_at=NOW - HOUR, **finished(NOW - 2 * HOUR))
    assert not in_time.is_overdue
    stopped, _, _ = a_synced()
    events = hear(
        stopped, counting, clock, due_at=NOW - 2 * HOUR, **finished(NOW - HOUR, DossierStatus.STOPPED)
    )
    assert (stopped.is_overdue, published(events, DossierOverdue)) == (True, [])


def test_a_finish_is_published_when_it_is_new_and_when_it_was_corrected():
    dossier, counting, clock = a_synced()
    assert published(hear(dossier, counting, clock), DossierFinished) == []
    end = finished(NOW - HOUR)
    assert len(published(hear(dossier, counting, clock, **end), DossierFinished)) == 1
    assert published(hear(dossier, counting, clock, **end), DossierFinished) == []
    assert len(published(hear(dossier, counting, clock, **finished(NOW)), DossierFinished)) == 1


def test_nobody_is_made_late_by_a_due_time_before_the_one_counted():
    dossier, counting, clock = a_synced()
    plain, _, _ = a_synced()
    hear(plain, counting, clock)
    synced.expect_counted(dossier, a_record(), None, counting)
    synced.expect_counted(dossier, a_record(due_at=plain.due_at), clock, counting)
    with pytest.raises(Invalid, match="due_before_counted"):
        synced.expect_counted(dossier, a_record(due_at=plain.due_at - HOUR), clock, counting)
    with pytest.raises(Invalid, match="due_not_counted"):
        synced.expect_counted(dossier, a_record(due_at=NOW), None, counting)
    still = paused(a_pause(RECEIVED + DAY))
    synced.expect_counted(dossier, a_record(due_at=plain.due_at, **still), clock, counting)
    with pytest.raises(Invalid, match="due_before_counted"):
        synced.expect_counted(dossier, a_record(due_at=plain.due_at - HOUR, **still), clock, counting)
    waited = {"pauses": [a_pause(RECEIVED + DAY, RECEIVED + 2 * DAY)]}
    with pytest.raises(Invalid, match="due_before_counted"):
        synced.expect_counted(dossier, a_record(due_at=plain.due_at, **waited), clock, counting)


# -- links -----------------------------------------------------------------------------------------------

TODAY = date(2026, 8, 10)


def a_link(**changes):
    agencies = {"agency_id": uuid4(), "receiving_agency_id": uuid4()}
    return AgencyLink(**{"id": uuid4(), "basis": "QĐ 1", "valid_from": TODAY} | agencies | changes)


def test_a_link_is_to_another_agency_and_lasts_a_day_at_least():
    a_link().check()
    a_link(valid_to=TODAY + DAY).check()
    one = uuid4()
    with pytest.raises(Invalid, match="link_to_itself"):
        a_link(agency_id=one, receiving_agency_id=one).check()
    with pytest.raises(Invalid, match="link_ends_before_it_begins"):
        a_link(valid_to=TODAY).check()


def test_a_link_ends_once_today_at_the_earliest_and_not_before_it_began():
    link = a_link()
    with pytest.raises(Invalid, match="link_end_in_the_past"):
        link.end(TODAY - DAY, TODAY)
    link.end(TODAY, TODAY)
    assert link.valid_to == TODAY
    with pytest.raises(Conflict, match="link_already_ended"):
        link.end(TODAY, TODAY)
    to_come = a_link(valid_from=TODAY + 5 * DAY)
    to_come.end(TODAY, TODAY)
    assert to_come.valid_to == TODAY + 5 * DAY


def test_moments_of_a_line_are_compared_as_moments():
    check(received_at=datetime(2026, 8, 10, 0, 30, tzinfo=UTC))
