"""Dossiers of agencies that ended go on with the one that took over, on real servers."""

import json
from datetime import date
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from kernel.base import clock
from kernel.data.tables import outbox, trail
from kernel.life import crash
from kernel.run.process import sweep_once
from org.tables import agency_heirs
from services.cases.clocks.tables import clocks
from services.cases.dossiers.tables import dossiers, parties
from services.cases.service import CasesService
from services.cases.statistics import queries as figures
from services.cases.succession import sweeps as following
from tests.integration.cases.conftest import BLOCK, a_procedure, a_step, days
from tests.integration.following import BASIS, Killed, an_act, follow, killed, sweep_of

FOLLOW = sweep_of(CasesService)


class Merging:
    """Two communes with a procedure each of the same code, and the one they become."""

    def __init__(self, office):
        self.office = office
        self.old = [uuid4(), uuid4()]
        self.new = uuid4()
        self.documents = [uuid4(), uuid4()]
        for n, (agency, document) in enumerate(zip(self.old, self.documents, strict=True), start=1):
            office.an_agency(agency, office.root, f"H42.20{n}")
            office.issue(
                1,
                date(2025, 7, 1),
                document_id=document,
                agency_id=agency,
                code="QT-01",
                procedure=a_procedure(tthc_code=None),
            )

    def receive(self, n, **changes):
        agency, document = self.old[n], self.documents[n]
        given = {"agency_id": agency, "document_id": document, "tthc_code": None} | changes
        return self.office.ok(
            "register_dossier", self.office.application(**given), self.office.officer(agency)
        )

    def merge(self, agencies=None, heir=None):
        """Publish the act; the new agency itself may not be known yet."""
        event = an_act(self.old if agencies is None else agencies, heir or self.new)
        known = self.office.count(agency_heirs)
        self.office.publish(event, event.reorganisation_id)
        self.office.eventually(lambda: self.office.count(agency_heirs) > known)
        return event

    def found_the_new(self):
        self.office.an_agency(self.new, self.office.root, "H42.301")

    def follow(self):
        return follow(self.office.running, CasesService)

    def shown(self, dossier, token):
        found = self.office.ok("dossiers_by_ids", {"ids": [dossier["id"]]}, token)
        return found[0] if found else None

    def clerk(self, **more):
        return self.office.officer(self.new, **more)


@pytest.fixture
def merging(office):
    return Merging(office)


def row_of(office, dossier):
    with office.database.sessions() as session:
        found = session.execute(select(dossiers).where(dossiers.c.id == UUID(dossier["id"])))
        return dict(found.mappings().one())


def clock_of(office, dossier):
    """All that has to do with time."""
    row = row_of(office, dossier)
    names = ("received_at", "counts_from", "due_at", "clock", "step_clocks", "pauses", "calendar_version")
    with office.database.sessions() as session:
        next_moment = select(clocks.c.next_moment).where(clocks.c.dossier_id == row["id"])
        return {name: row[name] for name in names} | {"next": session.scalar(next_moment)}


def test_a_running_dossier_goes_on_with_the_heir_and_its_clock_is_the_same_to_the_second(office, merging):
    dossier = merging.receive(0)
    before = clock_of(office, dossier)
    merging.merge()
    merging.found_the_new()
    assert merging.follow() == 1
    after = merging.shown(dossier, merging.clerk())
    assert clock_of(office, dossier) == before
    assert (after["number"], after["due_at"]) == (dossier["number"], dossier["due_at"])
    assert (after["agency_id"], after["received_agency_id"]) == (str(merging.new), str(merging.old[0]))
    assert (after["competent_agency_id"], after["holder_agency_id"]) == (str(merging.new), str(merging.new))
    assert {step["agency_id"] for step in after["steps"]} == {str(merging.new), str(office.root)}


def test_the_heirs_people_work_on_it_and_those_of_the_ended_agency_do_not(office, merging):
    dossier = merging.receive(0)
    merging.merge()
    merging.found_the_new()
    merging.follow()
    old = office.officer(merging.old[0])
    assert merging.shown(dossier, old) is None
    assert office.refused("hand_over", office.about(dossier, step=1), old)[0] == "dossier_not_found"
    # The version seen before it followed is still the last that anybody acted on.
    after = office.do("hand_over", dossier, merging.clerk(), step=1)
    assert (after["step_seq"], after["holder_agency_id"]) == (2, str(merging.new))
    listed = office.ok("list_dossiers", {}, merging.clerk())
    assert [each["id"] for each in listed["items"]] == [dossier["id"]]
    assert listed["items"][0]["applicant_name"]


def test_what_is_done_keeps_the_name_of_who_did_it_and_a_step_sent_back_goes_to_the_heir(office, merging):
    office.link(merging.old[1], merging.old[0])
    dossier = merging.receive(0, blocks=[{"block": BLOCK, "agency_id": merging.old[1]}])
    first = office.officer(merging.old[0])
    for _ in range(2):
        dossier = office.do("hand_over", dossier, first, step=dossier["step_seq"])
        dossier = office.do("acknowledge_hand_over", dossier, first, step=dossier["step_seq"])
    dossier = office.do("hand_over", dossier, first, step=3)
    merging.merge()
    merging.found_the_new()
    merging.follow()
    after = merging.shown(dossier, merging.clerk())
    assert [step["agency_id"] for step in after["steps"]] == [
        *[str(merging.old[0])] * 3,
        *[str(merging.new)] * 2,
    ]
    after = office.do("acknowledge_hand_over", after, merging.clerk(), step=4)
    back = office.do("return_step", after, merging.clerk(), step=4, reason="Thiếu giấy tờ")
    assert (back["step_seq"], back["holder_agency_id"]) == (2, str(merging.new))
    assert [step["agency_id"] for step in back["steps"]] == [str(merging.old[0]), *[str(merging.new)] * 4]


def test_a_finished_dossier_is_read_by_the_heir_and_says_who_dealt_with_it(office, merging):
    office.issue(
        1,
        date(2025, 7, 1),
        document_id=(document := uuid4()),
        agency_id=merging.old[0],
        code="QT-02",
        procedure=a_procedure(tthc_code=None, steps=[a_step(1, days(2))], legal_time=days(2)),
    )
    dossier = merging.receive(0, document_id=document, blocks=[])
    done = office.do("finish_dossier", dossier, office.officer(merging.old[0]))
    merging.merge()
    merging.found_the_new()
    merging.follow()
    after = merging.shown(done, merging.clerk())
    assert (after["status"], after["finished_at"]) == ("finished", done["finished_at"])
    assert (after["agency_id"], after["received_agency_id"]) == (str(merging.new), str(merging.old[0]))
    assert after["competent_agency_id"] == str(merging.old[0])
    assert after["holder_agency_id"] == str(merging.new)
    assert {step["agency_id"] for step in after["steps"]} == {str(merging.old[0])}
    assert merging.shown(done, office.officer(merging.old[0])) is None
    [changed] = [
        each for each in office.published("dossier_changed") if each["parties"] == [str(merging.new)]
    ]
    assert changed["dossier_id"] == done["id"]


def test_equal_numbers_of_two_communes_live_side_by_side_and_each_is_given_once(office, merging):
    one, other = merging.receive(0, number="001"), merging.receive(1, number="001")
    merging.merge()
    merging.found_the_new()
    assert merging.follow() == 2
    listed = office.ok("list_dossiers", {}, merging.clerk())["items"]
    assert {(each["id"], each["number"]) for each in listed} == {(one["id"], "001"), (other["id"], "001")}
    given = {"agency_id": merging.new, "document_id": merging.documents[0], "tthc_code": None, "blocks": []}
    new = office.ok("register_dossier", office.application(number="001", **given), merging.clerk())
    assert new["received_agency_id"] == str(merging.new)
    again = office.refused("register_dossier", office.application(number="001", **given), merging.clerk())
    assert again == ("dossier_number_taken", "number")


def test_the_act_heard_twice_or_the_sweep_turned_again_changes_nothing_more(office, merging):
    dossier = merging.receive(0)
    event = merging.merge()
    merging.follow()
    version = row_of(office, dossier)["version"]
    office.publish(event, event.reorganisation_id)
    merging.found_the_new()  # known only after the act was published twice
    assert merging.follow() == 0
    assert row_of(office, dossier)["version"] == version
    assert merging.shown(dossier, merging.clerk())["agency_id"] == str(merging.new)


def test_acts_heard_in_the_wrong_order_lead_to_the_last_heir(office, merging):
    dossier, last = merging.receive(0), uuid4()
    merging.merge([merging.new], last)
    assert merging.follow() == 0
    merging.merge()
    merging.follow()
    assert row_of(office, dossier)["agency_id"] == last
    assert row_of(office, dossier)["received_agency_id"] == merging.old[0]


def test_heirs_of_heirs_go_on_and_the_first_receiver_stays_known(office, merging):
    dossier, last = merging.receive(0), uuid4()
    merging.merge()
    merging.follow()
    merging.merge([merging.new], last)
    merging.follow()
    row = row_of(office, dossier)
    assert (row["agency_id"], row["competent_agency_id"]) == (last, last)
    assert (row["received_agency_id"], row["first_competent_agency_id"]) == (merging.old[0], merging.old[0])
    assert set(row["continued"].values()) == {last}


def test_what_comes_late_for_an_agency_that_ended_follows_too(office, merging):
    merging.merge()
    merging.found_the_new()
    assert merging.follow() == 0
    late = merging.receive(1)
    assert merging.follow() == 1
    assert merging.shown(late, merging.clerk())["agency_id"] == str(merging.new)


def test_a_process_killed_within_a_batch_leaves_it_undone_and_the_next_goes_on(office, merging, monkeypatch):
    monkeypatch.setattr(following, "BATCH", 2)
    received = [merging.receive(n % 2) for n in range(5)]
    merging.merge()
    merging.found_the_new()
    assert sweep_once(office.running.means, FOLLOW) == 2

    monkeypatch.setattr(following, "crash_point", killed)
    with pytest.raises(Killed):
        sweep_once(office.running.means, FOLLOW)
    monkeypatch.setattr(following, "crash_point", crash.crash_point)
    moved = [row_of(office, each)["agency_id"] == merging.new for each in received]
    assert sum(moved) == 2
    assert merging.follow() == 3
    with office.database.sessions() as session:
        published = select(outbox.c.aggregate_id).where(outbox.c.topic == "cases.dossier_changed.v1")
        assert sorted(session.scalars(published)) == sorted(UUID(each["id"]) for each in received)
    assert office.count(parties, parties.c.agency_id.in_(merging.old)) == 0


def test_running_dossiers_follow_before_those_that_have_ended(office, merging, monkeypatch):
    ended = merging.receive(0)
    office.do("stop_dossier", ended, office.officer(merging.old[0]), reason="Rút hồ sơ")
    running = merging.receive(0)
    merging.merge()
    monkeypatch.setattr(following, "BATCH", 1)
    assert sweep_once(office.running.means, FOLLOW) == 1
    assert row_of(office, running)["agency_id"] == merging.new
    assert row_of(office, ended)["agency_id"] == merging.old[0]
    assert merging.follow() == 1


def test_a_dossier_somebody_works_on_is_not_waited_for_and_follows_later(office, merging):
    busy, free = merging.receive(0), merging.receive(0)
    merging.merge()
    with office.database.sessions() as session:
        session.execute(select(dossiers.c.id).where(dossiers.c.id == UUID(busy["id"])).with_for_update())
        assert merging.follow() == 1
        assert row_of(office, free)["agency_id"] == merging.new
    assert merging.follow() == 1
    assert row_of(office, busy)["agency_id"] == merging.new


def test_every_dossier_that_followed_leaves_a_trail_row_that_names_the_decision(office, merging):
    dossier = merging.receive(0)
    merging.merge()
    merging.follow()
    with office.database.sessions() as session:
        wanted = select(trail.c.before, trail.c.after, trail.c.reason)
        rows = session.execute(wanted.where(trail.c.action == "cases:follow_agencies")).all()
    [row] = rows
    assert (row.before["agency_id"], row.after["agency_id"]) == (str(merging.old[0]), str(merging.new))
    assert BASIS.number in row.reason
    assert dossier["id"]


def figures_of(office, token, **asked):
    asked = {"agency_ids": None} | asked
    found = office.ok("figures_of", asked, token)
    return {each["agency_id"]: each for each in found}


def test_figures_as_then_are_those_of_the_old_communes_and_as_now_their_sum(office, merging):
    for n, count in ((0, 2), (1, 3)):
        for _ in range(count):
            merging.receive(n)
    stopped = merging.receive(0)
    office.do("stop_dossier", stopped, office.officer(merging.old[0]), reason="Rút hồ sơ")
    merging.merge()
    merging.found_the_new()
    merging.follow()
    now = figures_of(office, merging.clerk())
    assert list(now) == [str(merging.new)]
    assert (now[str(merging.new)]["received"], now[str(merging.new)]["stopped"]) == (6, 1)
    assert now[str(merging.new)]["open"] == 5
    then = figures_of(office, merging.clerk(), attribution="as_then")
    counted = {each: (row["received"], row["stopped"], row["open"]) for each, row in then.items()}
    assert counted == {
        str(merging.old[0]): (3, 1, 0),
        str(merging.old[1]): (3, 0, 0),
        str(merging.new): (0, 0, 5),
    }
    root = office.officer(office.root, with_subtree=True)
    asked = {"agency_ids": [str(merging.old[0])], "attribution": "as_then"}
    assert figures_of(office, root, **asked)[str(merging.old[0])]["received"] == 3
    assert figures_of(office, office.officer(office.commune), **asked) == {}


def test_months_as_now_add_up_what_the_heir_goes_on_with(office, merging):
    for n in (0, 1, 1):
        merging.receive(n)
    merging.merge()
    merging.found_the_new()
    merging.follow()
    today = clock.today().replace(day=1)
    asked = {"from_month": today, "to_month": today, "agency_ids": [str(merging.new)]}
    [now] = office.ok("figures_by_month", asked, merging.clerk())
    [then] = office.ok("figures_by_month", asked | {"attribution": "as_then"}, merging.clerk())
    assert (now["received"], then["received"]) == (3, 0)


def test_figures_counted_anew_from_the_log_are_the_kept_ones_after_all_that(office, merging):
    for n in (0, 1, 1):
        merging.receive(n)
    merging.merge()
    merging.follow()
    with office.database.sessions() as session:
        assert list(figures.differences(session)) == []


def test_a_line_of_another_system_finds_the_dossier_under_the_heir(office, merging):
    line = {
        "number": "LT-01",
        "changed_at": "2026-06-01T08:00:00+07:00",
        "received_at": "2026-06-01T08:00:00+07:00",
        "status": "processing",
        "document_code": "QT-01",
    }

    def sync(agency, *lines):
        asked = {"request_id": uuid4(), "agency_id": agency, "lines": "\n".join(map(json.dumps, lines))}
        return office.ok("upsert_dossiers", asked, office.officer(agency))["verdicts"]

    made = [sync(agency, line)[0] for agency in merging.old]
    assert {each["verdict"] for each in made} == {"created"}
    [alone] = sync(merging.old[0], line | {"number": "LT-02"})
    merging.merge()
    merging.found_the_new()
    merging.follow()
    later = line | {"changed_at": "2026-07-02T08:00:00+07:00"}
    both, one = sync(merging.new, later, later | {"number": "LT-02"})
    assert (both["verdict"], both["code"]) == ("refused", "dossier_number_shared")
    assert (one["verdict"], one["dossier_id"]) == ("updated", alone["dossier_id"])
    row = row_of(office, {"id": alone["dossier_id"]})
    assert (row["competent_agency_id"], row["first_competent_agency_id"]) == (merging.new, merging.old[0])
    assert row["document_id"] == merging.documents[0]


def test_the_counts_for_a_preview_are_those_of_the_agencies_asked_for(office, merging):
    for n in (0, 1, 1):
        merging.receive(n)
    office.received(coordinating_agency_ids=[merging.old[0]])
    admin = office.officer(office.root, "province_admin", with_subtree=True)
    counted = office.ok("held_by_agencies", {"agency_ids": merging.old}, admin)
    assert {each["kind"]: each["count"] for each in counted} == {
        "dossiers": 3,
        "open_dossiers": 3,
        "overdue_dossiers": 0,
        "steps_elsewhere": 1,
    }
    assert office.refused("held_by_agencies", {"agency_ids": merging.old})[0] == "not_permitted"
    clerk = office.officer(merging.old[0], "province_admin")
    assert office.refused("held_by_agencies", {"agency_ids": merging.old}, clerk)[0] == "agency_not_found"
