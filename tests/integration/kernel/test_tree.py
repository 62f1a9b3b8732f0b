"""The copy of the tree that every service keeps: right for any day, in whatever order it was learnt."""

from datetime import date, timedelta
from random import Random
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from contracts.directory.agencies import AgencyPlace
from contracts.directory.events import AgenciesReorganised, AgencyChanged
from contracts.directory.reorganisations import LegalBasis, PlannedSuccession, SuccessionKind
from org import tree
from org.succession import going_on, heirs, lineage, project_successions
from org.tables import agency_closure, agency_nodes, agency_places, agency_successions
from tests.integration.following import an_act

FIRST = date(2025, 1, 1)
DAYS = [FIRST + timedelta(days=n) for n in range(30)]
Past = dict[UUID, list[AgencyPlace]]


def a_place(number: int, begins: date, ends: date | None, parent: UUID | None) -> AgencyPlace:
    name = f"Đơn vị {number}"
    return AgencyPlace(
        code=f"C{number}",
        name=name,
        short_name=name,
        kind="unit",
        parent_id=parent,
        valid_from=begins,
        valid_to=ends,
    )


def parents_on(past: Past, day: date) -> dict[UUID, UUID | None]:
    return {
        agency_id: place.parent_id
        for agency_id, places in past.items()
        for place in places
        if place.valid_from <= day and (place.valid_to is None or day < place.valid_to)
    }


def chain(parents: dict[UUID, UUID | None], agency_id: UUID) -> list[UUID]:
    """The agency and all above it that day; where a parent is not there the chain ends."""
    found, at = [], agency_id
    while at is not None and at in parents:
        found.append(at)
        at = parents[at]
    return found


def a_past(draw: Random) -> Past:
    """Agencies that come, change places and go, without a ring on any day."""
    root = uuid4()
    past: Past = {root: [a_place(0, FIRST, None, None)]}
    for number in range(1, 9):
        agency_id, places = uuid4(), []
        cuts = sorted(draw.sample(range(29), draw.randint(1, 4)))
        last = DAYS[draw.randint(cuts[-1] + 1, 29)] if draw.random() < 0.3 else None
        for at, cut in enumerate(cuts):
            ends = DAYS[cuts[at + 1]] if at + 1 < len(cuts) else last
            # Only agencies entered before it may stand above it, whenever: so there is no ring.
            places.append(a_place(number, DAYS[cut], ends, draw.choice(list(past))))
        past[agency_id] = places
    return past


def tellings(past: Past, draw: Random) -> list[tuple[AgencyChanged, int]]:
    """Every agency published after each of its changes, some twice, in any order."""
    published = []
    for agency_id, places in past.items():
        for version in range(1, len(places) + 1):
            known = places[:version]
            if version < len(places):
                known = [*known[:-1], a_place(99, known[-1].valid_from, None, known[-1].parent_id)]
            published += [(an_event(agency_id, known), version)] * draw.choice([1, 1, 2])
    draw.shuffle(published)
    return published


def an_event(agency_id: UUID, places: list[AgencyPlace]) -> AgencyChanged:
    latest = {name: getattr(places[-1], name) for name in AgencyPlace.__dataclass_fields__}
    return AgencyChanged(agency_id=agency_id, periods=tuple(places), **latest)


@pytest.mark.parametrize("seed", range(12))
def test_the_closure_is_what_the_facts_say_on_any_day_however_they_were_learnt(database_of, seed):
    draw = Random(seed)
    past = a_past(draw)
    database = database_of("documents")
    with database.sessions() as session:
        for event, version in tellings(past, draw):
            tree.project_agency(session, event, version)
        session.commit()
        rows = session.execute(select(agency_closure)).all()
        nodes = {node.id: node for node in session.execute(select(agency_nodes))}
    for day in [*DAYS, DAYS[-1] + timedelta(days=400)]:
        kept = {
            (row.ancestor_id, row.descendant_id)
            for row in rows
            if row.valid_from <= day and (row.valid_to is None or day < row.valid_to)
        }
        parents = parents_on(past, day)
        assert kept == {(above, below) for below in parents for above in chain(parents, below)}
    for agency_id, places in past.items():
        bounds = (places[0].valid_from, places[-1].valid_to)
        assert (nodes[agency_id].valid_from, nodes[agency_id].valid_to) == bounds
    spans = {(row.ancestor_id, row.descendant_id, row.valid_to) for row in rows}
    assert not [r for r in rows if (r.ancestor_id, r.descendant_id, r.valid_from) in spans], (
        "spans that touch"
    )


def test_two_that_change_places_close_no_ring_while_only_one_is_known_of(database_of):
    root, one, two = uuid4(), uuid4(), uuid4()
    day = DAYS[10]
    before = {
        root: [a_place(0, FIRST, None, None)],
        one: [a_place(1, FIRST, None, root)],
        two: [a_place(2, FIRST, None, one)],
    }
    after = {
        one: [a_place(1, FIRST, day, root), a_place(1, day, None, two)],
        two: [a_place(2, FIRST, day, one), a_place(2, day, None, root)],
    }
    with database_of("documents").sessions() as session:
        for agency_id, places in before.items():
            tree.project_agency(session, an_event(agency_id, places), 1)
        for agency_id, places in after.items():
            tree.project_agency(session, an_event(agency_id, places), 2)
        closure = agency_closure.c
        above = select(closure.ancestor_id, closure.valid_from).where(closure.descendant_id == one)
        assert set(session.execute(above).tuples()) == {(one, FIRST), (root, FIRST), (two, day)}


def test_a_message_from_before_there_was_a_history_holds_the_only_state(database_of):
    agency_id = uuid4()
    event = AgencyChanged(
        agency_id=agency_id,
        code="H42",
        name="UBND tỉnh",
        short_name="UBND tỉnh",
        kind="province",
        parent_id=None,
        valid_from=FIRST,
    )
    with database_of("documents").sessions() as session:
        tree.project_agency(session, event, 1)
        [place] = session.execute(select(agency_places)).all()
        assert (place.agency_id, place.valid_from, place.valid_to) == (agency_id, FIRST, None)


def test_who_took_over_from_whom_is_learnt_once(database_of):
    succession = PlannedSuccession(
        predecessor_id=uuid4(), successor_id=uuid4(), kind=SuccessionKind.ABSORPTION, goes_on=False
    )
    act = AgenciesReorganised(
        reorganisation_id=uuid4(),
        effective_on=FIRST,
        basis=LegalBasis(number="1/NQ", issued_on=FIRST, issued_by="UBTVQH", subject="Sắp xếp"),
        successions=(succession,),
    )
    with database_of("documents").sessions() as session:
        for _ in range(2):
            project_successions(session, act)
        [row] = session.execute(select(agency_successions)).all()
        assert (row.successor_id, row.began_on, row.kind) == (succession.successor_id, FIRST, "absorption")


@pytest.mark.parametrize("seed", range(5))
def test_who_goes_on_is_the_same_asked_by_index_as_walked_from_heir_to_heir(database_of, seed):
    draw = Random(seed)
    agencies = [uuid4() for _ in range(30)]
    # Agencies later in the row are there longer: an heir may end, never before the one it took over from.
    ends = {each: draw.choice(agencies[n + 1 :]) for n, each in enumerate(agencies[:25])}
    with database_of("documents").sessions() as session:
        for agency_id, heir_id in draw.sample(sorted(ends.items()), len(ends)):
            project_successions(session, an_act([agency_id], heir_id, FIRST))
        known = heirs(session)
        assert {each: link.heir_id for each, link in known.links.items()} == ends
        asked = draw.sample(agencies, 12)
        wanted = {each: known.now(each) for each in asked if each in ends}
        assert going_on(session, asked) == wanted
        standing = draw.sample(agencies[25:], 3)
        assert set(lineage(session, standing)) == set(known.lineage(standing))
