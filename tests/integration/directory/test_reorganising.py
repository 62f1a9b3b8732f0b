"""Reorganising on real servers: judged as a whole, applied once, nothing that was is lost."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from contracts.directory import access, agencies
from contracts.directory import reorganisations as r
from contracts.directory import staff as c
from contracts.directory.roles import Role
from kernel.data.tables import outbox, trail
from org.tables import agency_closure, agency_successions
from tests.integration.directory.acts import a_commune, a_preview, an_act, as_of, held
from tests.integration.directory.conftest import BEGIN

DAY = date(2026, 7, 1)
EVE = DAY - timedelta(days=1)


@pytest.fixture
def communes(directory):
    """Three communes below the province, each with a head."""
    made = {}
    for name in ("Lộc Hạ", "Mỹ Tân", "Mỹ Trung"):
        agency_id = directory.an_agency(kind="commune", name=f"Ủy ban nhân dân xã {name}")
        position = directory.a_position(
            agency_id,
            directory.a_person(f"Người {name}"),
            title="Chủ tịch UBND xã",
            roles=[c.RoleToGrant(role=Role.UNIT_LEADER)],
        )
        made[name] = (agency_id, position)
    return made


def ids(communes):
    return [agency_id for agency_id, _ in communes.values()]


def a_merge(directory, communes, day=DAY, **parts):
    new = a_commune(1, directory.root_id, name="Ủy ban nhân dân phường Thiên Trường")
    merge = r.AgencyMerge(from_ids=ids(communes), into_id=new.id)
    return new.id, an_act(day, creations=[new], merges=[merge], **parts)


def test_a_merge_ends_three_communes_on_the_eve_and_their_people_go_on_in_the_new_one(directory, communes):
    new_id, act = a_merge(directory, communes)
    done = directory.ok("reorganise", act)
    assert done["state"] == "applied"
    assert {(each["agency_id"], each["part"]) for each in done["agencies"]} == {
        (str(new_id), "created"),
        *((str(each), "ended") for each in ids(communes)),
    }
    for agency_id, position in communes.values():
        assert as_of(directory, agency_id, EVE)
        assert as_of(directory, agency_id, DAY) is None
        assert [each["id"] for each in held(directory, agency_id, EVE)] == [position["id"]]
        assert held(directory, agency_id, DAY) == []
    assert as_of(directory, new_id, EVE) is None
    heads = held(directory, new_id, DAY)
    assert {each["person_id"] for each in heads} == {p["person_id"] for _, p in communes.values()}
    assert {(role["role"], role["agency_id"]) for each in heads for role in each["roles"]} == {
        ("unit_leader", str(new_id))
    }


def test_successors_and_predecessors_are_read_from_either_side(directory, communes):
    new_id, act = a_merge(directory, communes)
    act_id = directory.ok("reorganise", act)["id"]
    [link] = directory.ok("successors_by_ids", r.SuccessorsByIds(ids=ids(communes)[:1]))
    assert (link["successor_id"], link["kind"], link["began_on"]) == (
        str(new_id),
        "consolidation",
        str(DAY),
    )
    assert link["reorganisation_id"] == act_id
    back = directory.ok("predecessors_by_ids", r.PredecessorsByIds(ids=[new_id]))
    assert {each["predecessor_id"] for each in back} == {str(each) for each in ids(communes)}


def test_the_preview_says_what_the_act_then_does_and_writes_nothing(directory, communes):
    _, act = a_merge(directory, communes)
    before = count(directory, trail)
    seen = directory.ok("reorganisation_preview", a_preview(act))
    assert (seen["at_once"], seen["people_moving"], seen["positions_moving"]) == (True, 3, 3)
    assert (seen["positions_ending"], seen["grants_moving"], seen["grants_ending"]) == (0, 3, 0)
    assert {each["counts"] for each in seen["elsewhere"]} == {None}
    assert {(each["agency_id"], each["heir_id"]) for each in seen["continuations"]} == {
        (str(each), str(act.merges[0].into_id)) for each in ids(communes)
    }
    assert count(directory, trail) == before
    assert as_of(directory, ids(communes)[0], DAY) is not None
    done = directory.ok("reorganise", act)
    parts = {(each["agency_id"], each["part"]) for each in seen["agencies"]}
    assert parts == {(each["agency_id"], each["part"]) for each in done["agencies"]}


def count(directory, table):
    with directory.database.sessions() as session:
        return session.scalar(select(func.count()).select_from(table))


def test_every_change_leaves_a_trail_row_with_what_was_and_what_became(directory, communes):
    new_id, act = a_merge(directory, communes)
    act_id = UUID(directory.ok("reorganise", act)["id"])
    with directory.database.sessions() as session:
        left = select(trail.c.subject_id, trail.c.subject_type, trail.c.before, trail.c.after)
        rows = session.execute(left.where(trail.c.action == "directory:reorganise")).all()
        published = session.scalars(select(outbox.c.topic)).all()
    about = {row.subject_id: row for row in rows}
    assert {new_id, act_id, *ids(communes)} <= set(about)
    ended = about[ids(communes)[0]]
    assert (ended.before["periods"][0]["valid_to"], ended.after["periods"][0]["valid_to"]) == (None, str(DAY))
    assert sum(row.subject_type == "Position" for row in rows) == 6
    assert published.count("directory.agencies_reorganised.v1") == 1


def test_the_same_request_twice_changes_nothing_more(directory, communes):
    new_id, act = a_merge(directory, communes)
    first, second = directory.together(("reorganise", act), ("reorganise", act))
    assert first == second
    assert "ok" in first
    assert count(directory, agency_successions) == 3
    assert len(held(directory, new_id, DAY)) == 3


def test_a_renamed_agency_is_found_by_the_name_it_had_and_shown_as_it_is(directory):
    agency_id = directory.an_agency(name="Sở Lao động Thương binh", code="H42.77", aliases=["000.00.77.H42"])
    amendment = r.AgencyAmendment(agency_id=agency_id, name="Sở Nội vụ mới", code="H42.78")
    directory.ok("reorganise", an_act(DAY, amendments=[amendment]))

    def found(search, **more):
        page = directory.ok("list_agencies", agencies.ListAgencies(search=search, **more))
        return [item["name"] for item in page["items"]]

    for search in ("lao dong thuong binh", "H42.77", "000.00.77.H42", "noi vu moi", "H42.78"):
        assert found(search, as_of=DAY) == ["Sở Nội vụ mới"], search
        assert found(search, as_of=EVE) == ["Sở Lao động Thương binh"], search
    [first, second] = directory.ok("agency_histories", r.AgencyHistories(ids=[agency_id]))
    assert (first["name"], first["valid_to"]) == ("Sở Lao động Thương binh", str(DAY))
    assert (second["name"], second["valid_from"], second["basis"]) == (
        "Sở Nội vụ mới",
        str(DAY),
        "1674/NQ-UBTVQH15",
    )
    assert first["standard"] == "mandatory"


def test_a_name_of_two_letter_syllables_is_found_wherever_it_stood(directory):
    agency_id = directory.an_agency(name="Ủy ban nhân dân xã Mỹ Hà", kind="commune")
    directory.an_agency(name="Sở Thủy lợi và Hàm lượng")
    amendment = r.AgencyAmendment(agency_id=agency_id, name="Ủy ban nhân dân phường Đông A")
    directory.ok("reorganise", an_act(DAY, amendments=[amendment]))
    for search in ("my ha", "Hà Mỹ xã", "dong a"):
        page = directory.ok("list_agencies", agencies.ListAgencies(search=search, as_of=DAY))
        assert [item["id"] for item in page["items"]] == [str(agency_id)], search


def test_an_agency_that_is_gone_is_found_only_when_asked_for(directory, communes):
    _, act = a_merge(directory, communes)
    directory.ok("reorganise", act)

    def found(**more):
        page = directory.ok("list_agencies", agencies.ListAgencies(search="loc ha", as_of=DAY, **more))
        return [item["valid_to"] for item in page["items"]]

    assert (found(), found(ended=True)) == ([], [str(DAY)])


def test_children_follow_a_merge_and_a_moved_agency_takes_its_subtree_along(directory):
    one, two = (directory.an_agency() for _ in range(2))
    child = directory.an_agency(parent_id=one, kind="sub_department")
    unit = directory.an_agency(parent_id=child, kind="public_unit")
    merge = r.AgencyMerge(from_ids=[one], into_id=two)
    seen = directory.ok("reorganisation_preview", a_preview(an_act(DAY, merges=[merge])))
    assert seen["children_moving"] == 1
    directory.ok("reorganise", an_act(DAY, merges=[merge]))
    assert as_of(directory, child, DAY)["parent_id"] == str(two)
    assert above(directory, unit, EVE) == {unit, child, one, directory.root_id}
    assert above(directory, unit, DAY) == {unit, child, two, directory.root_id}


def above(directory, agency_id, day):
    closure = agency_closure.c
    on = (closure.valid_from <= day) & (closure.valid_to.is_(None) | (closure.valid_to > day))
    with directory.database.sessions() as session:
        return set(session.scalars(select(closure.ancestor_id).where(closure.descendant_id == agency_id, on)))


def test_a_split_needs_a_place_for_everybody(directory):
    old = directory.an_agency()
    staff = [directory.a_position(old, directory.a_person(), title=f"Chức danh {n}") for n in range(3)]
    new = [directory.an_agency(valid_from=date(2026, 1, 1)) for _ in range(2)]
    split = r.AgencySplit(agency_id=old, into_ids=new)
    posting = r.Posting(position_id=staff[0]["id"], agency_id=new[0])
    refused = directory.refused("reorganise", an_act(DAY, splits=[split], postings=[posting]))
    assert refused == ("people_left_nowhere", "splits.0")
    split.rest_to = new[1]
    directory.ok("reorganise", an_act(DAY, splits=[split], postings=[posting]))
    assert [len(held(directory, each, DAY)) for each in (old, *new)] == [0, 1, 2]


def test_of_one_that_goes_on_beside_what_it_gives_away_only_those_posted_leave(directory):
    old = directory.an_agency()
    staff = [directory.a_position(old, directory.a_person(), title=f"Chức danh {n}") for n in range(2)]
    new = r.NewAgency(
        id=uuid4(),
        code="H42.800",
        name="Sở Mới",
        short_name="SM",
        kind="department",
        parent_id=directory.root_id,
    )
    split = r.AgencySplit(agency_id=old, into_ids=[new.id], goes_on=True)
    posting = r.Posting(position_id=staff[0]["id"], agency_id=new.id)
    directory.ok("reorganise", an_act(DAY, creations=[new], splits=[split], postings=[posting]))
    assert [each["id"] for each in held(directory, old, DAY)] == [staff[1]["id"]]
    assert [each["person_id"] for each in held(directory, new.id, DAY)] == [staff[0]["person_id"]]


def test_a_dissolved_agencys_positions_and_the_grants_for_it_end_on_the_eve(directory):
    gone, other = directory.an_agency(), directory.an_agency()
    directory.a_position(gone, directory.a_person())
    roles = [
        c.RoleToGrant(role=Role.READER, agency_id=gone),
        c.RoleToGrant(role=Role.DRAFTER),
    ]
    elsewhere = directory.a_position(other, directory.a_person(), roles=roles)
    act = an_act(DAY, dissolutions=[r.AgencyDissolution(agency_id=gone)])
    seen = directory.ok("reorganisation_preview", a_preview(act))
    assert (seen["positions_ending"], seen["grants_ending"], seen["grants_moving"]) == (1, 1, 0)
    directory.ok("reorganise", act)
    assert (len(held(directory, gone, EVE)), len(held(directory, gone, DAY))) == (1, 0)
    [seen] = directory.ok("positions_by_ids", c.PositionsByIds(ids=[elsewhere["id"]]))
    assert [role["role"] for role in seen["roles"]] == ["drafter"]
    assert seen["version"] == elsewhere["version"] + 1


def test_roles_for_a_merged_agency_are_held_for_the_one_that_took_over(directory, communes):
    first = ids(communes)[0]
    roles = [c.RoleToGrant(role=Role.INSPECTOR, agency_id=first)]
    inspector = directory.a_position(directory.root_id, directory.a_person(), title="Thanh tra", roles=roles)
    new_id, act = a_merge(directory, communes)
    directory.ok("reorganise", act)
    [seen] = directory.ok("positions_by_ids", c.PositionsByIds(ids=[inspector["id"]]))
    assert [(role["role"], role["agency_id"]) for role in seen["roles"]] == [("inspector", str(new_id))]


def test_who_held_the_same_in_two_merged_communes_holds_it_once(directory, communes):
    person = directory.a_person()
    for agency_id in ids(communes)[:2]:
        directory.a_position(agency_id, person, title="Thư ký ISO")
    new_id, act = a_merge(directory, communes)
    directory.ok("reorganise", act)
    assert [e["person_id"] for e in held(directory, new_id, DAY)].count(str(person)) == 1


def test_nobody_is_appointed_beyond_an_agencys_end(directory, communes):
    _, act = a_merge(directory, communes)
    directory.ok("reorganise", act)
    appointment = c.AppointPosition(
        request_id=uuid4(),
        agency_id=ids(communes)[0],
        person_id=directory.a_person(),
        title="Kế toán",
        held_from=date(2026, 1, 1),
    )
    assert directory.refused("appoint_position", appointment) == ("agency_ends_before", "heldFrom")


# -- refusals ----------------------------------------------------------------------------------


def test_acts_that_cannot_be_are_refused_by_field(directory):
    one, two = directory.an_agency(), directory.an_agency()
    child = directory.an_agency(parent_id=one, kind="sub_department")
    late = directory.an_agency(valid_from=date(2026, 10, 1))
    root = directory.root_id

    def refused(day=DAY, **parts):
        return directory.refused("reorganise", an_act(day, **parts))

    def amended(agency_id, **changes):
        return {"amendments": [r.AgencyAmendment(agency_id=agency_id, **changes)]}

    assert refused() == ("reorganisation_empty", "amendments")
    assert refused(**amended(one, parent_id=child, kind="public_unit"))[0] == "agency_below_itself"
    assert refused(**amended(child, parent_id=root)) == ("agency_wrong_parent", "amendments.0.parentId")
    assert refused(**amended(one, name="Sở thứ 1")) == ("amendment_changes_nothing", "amendments.0.agencyId")
    assert refused(**amended(one, code="H42.002")) == ("agency_code_taken", "amendments.0.code")
    assert refused(**amended(uuid4(), name="x")) == ("agency_not_found", "amendments.0.agencyId")
    assert refused(BEGIN, **amended(one, name="x")) == ("agency_changed_since", "amendments.0.agencyId")
    before = refused(BEGIN - timedelta(days=1), **amended(one, name="x"))
    assert before == ("reorganisation_before_beginning", "amendments.0.agencyId")
    assert refused(**amended(late, name="x"))[0] == "reorganisation_before_beginning"
    dissolved = r.AgencyDissolution(agency_id=one)
    assert refused(dissolutions=[dissolved]) == ("agency_children_left", "dissolutions.0.agencyId")
    assert refused(dissolutions=[r.AgencyDissolution(agency_id=root)])[0] == "agency_root_stays"
    itself = r.AgencyMerge(from_ids=[one, two], into_id=two)
    assert refused(merges=[itself]) == ("merge_into_itself", "merges.0.fromIds.1")
    assert refused(splits=[r.AgencySplit(agency_id=two, into_ids=[one])])[0] == "split_into_one"
    chained = [r.AgencyMerge(from_ids=[two], into_id=one), r.AgencyMerge(from_ids=[one], into_id=late)]
    assert refused(date(2026, 11, 1), merges=chained)[0] == "heir_ends_too"


def test_an_agency_that_was_merged_cannot_be_merged_again(directory, communes):
    _, act = a_merge(directory, communes)
    directory.ok("reorganise", act)
    again = r.AgencyMerge(from_ids=ids(communes)[:1], into_id=directory.an_agency())
    refused = directory.refused("reorganise", an_act(date(2026, 8, 1), merges=[again]))
    assert refused == ("agency_has_ended", "merges.0.fromIds.0")


def test_an_act_before_the_last_one_is_refused(directory):
    agency_id = directory.an_agency()
    for day, name, published in ((DAY, "Một", None), (date(2026, 3, 1), "Hai", "agency_changed_since")):
        act = an_act(day, amendments=[r.AgencyAmendment(agency_id=agency_id, name=name)])
        answer = directory.ask("reorganise", act)
        assert answer.get("refused", {}).get("code") == published


def test_only_the_administrator_of_all_agencies_concerned_may_reorganise(directory):
    _, own = directory.an_account("quan.tri.so", Role.PROVINCE_ADMIN)
    directory.an_account("doc.gia", Role.READER)
    sibling = directory.an_agency()
    mine = an_act(DAY, amendments=[r.AgencyAmendment(agency_id=own, name="Sở của mình")])
    theirs = an_act(DAY, merges=[r.AgencyMerge(from_ids=[sibling], into_id=own)])
    admin, reader = directory.token_of("quan.tri.so"), directory.token_of("doc.gia")
    public = directory.ok("public_grant", access.PublicGrant())["grant"]
    for act, token, code in (
        (theirs, admin, "not_permitted"),
        (mine, reader, "not_permitted"),
        (mine, public, "not_signed_in"),
    ):
        assert directory.refused("reorganise", act, token=token)[0] == code
        assert directory.refused("reorganisation_preview", a_preview(act), token=token)[0] == code
    cancel = r.CancelReorganisation(request_id=uuid4(), reorganisation_id=uuid4(), reason="Không có quyền")
    for token, code in (
        (reader, "not_permitted"),
        (public, "not_signed_in"),
        (admin, "reorganisation_not_found"),
    ):
        assert directory.refused("cancel_reorganisation", cancel, token=token)[0] == code
    assert directory.ok("reorganise", mine, token=admin)["state"] == "applied"
    assert directory.ok("list_reorganisations", r.ListReorganisations(), token=reader)["items"]
    assert (
        directory.refused("list_reorganisations", r.ListReorganisations(), token=public)[0] == "not_signed_in"
    )
