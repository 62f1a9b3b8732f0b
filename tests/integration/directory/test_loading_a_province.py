"""The communes of a province by one act: what it asks of the database does not grow with their number."""

from datetime import date
from time import perf_counter
from uuid import UUID

import pytest
from sqlalchemy import event, func, select

from contracts.directory import agencies as c
from deploy import units
from kernel.data.tables import trail
from org.tables import agency_closure, agency_places
from tests.integration.directory.acts import a_commune, a_preview, an_act, as_of

DAY = date(2025, 7, 1)
# Whose communes are the most that one act is asked to create.
LARGEST = "79"


def creations(parent: UUID, province: str = LARGEST):
    """The communes of a province as `eiso agencies` enters them."""
    return [
        a_commune(
            n,
            parent,
            code=f"H42.{each.code}",
            name=f"Ủy ban nhân dân {each.unit} {each.name}",
            short_name=f"UBND {each.unit} {each.name}",
        )
        for n, each in enumerate(units.communes(province, DAY), 1)
    ]


def statements_of(directory, method, question):
    """How often the database is asked, and how many seconds the answer takes."""
    database, asked = directory.database, []

    def note(connection, cursor, statement, parameters, context, executemany):
        asked.append(statement)

    for engine in (database.engine, database.readers):
        event.listen(engine, "before_cursor_execute", note)
    try:
        began = perf_counter()
        directory.ok(method, question, seconds=60)
        return len(asked), perf_counter() - began
    finally:
        for engine in (database.engine, database.readers):
            event.remove(engine, "before_cursor_execute", note)


@pytest.mark.proof
def test_a_whole_province_asks_the_database_no_more_often_than_two_communes(directory, record_property):
    root = directory.root_id
    few = an_act(DAY, creations=[a_commune(n, root, code=f"H42.8{n}") for n in range(2)])
    many = an_act(DAY, creations=creations(root))
    assert len(many.creations) == 168
    for method, little, much in (
        ("reorganisation_preview", a_preview(few), a_preview(many)),
        ("reorganise", few, many),
    ):
        of_two, _ = statements_of(directory, method, little)
        of_all, seconds = statements_of(directory, method, much)
        print(f"{method}: {of_two} / {of_all}, {seconds:.2f} s")
        assert of_all <= of_two + 10, (of_two, of_all)
        record_property(f"{method} seconds", round(seconds, 2))
        record_property(f"{method} statements", of_all)


def test_what_is_entered_together_stands_in_the_tree_the_log_and_the_trail_one_by_one(directory):
    root = directory.root_id
    above = a_commune(1, root, code="H42.81", kind="department")
    below = a_commune(2, above.id, code="H42.81.1", kind="public_unit")
    directory.ok("reorganise", an_act(DAY, creations=[above, below]))
    with directory.database.sessions() as session:
        chain = select(agency_closure.c.ancestor_id).where(agency_closure.c.descendant_id == below.id)
        assert set(session.scalars(chain)) == {root, above.id, below.id}
        places = agency_places.c
        known = select(func.count()).where(places.agency_id.in_([above.id, below.id]))
        assert session.scalar(known) == 2
        rows = select(trail.c.subject_id).where(trail.c.subject_id.in_([above.id, below.id]))
        assert set(session.scalars(rows)) == {above.id, below.id}
    assert as_of(directory, below.id, DAY)["parent_id"] == str(above.id)
    again = an_act(DAY, creations=[a_commune(3, root, id=above.id), below])
    assert directory.refused("reorganise", again) == ("agency_id_taken", "creations.0.id")
    twice = an_act(DAY, creations=[a_commune(4, root), a_commune(5, root, code="H42.81")])
    assert directory.refused("reorganise", twice) == ("agency_code_taken", "creations.1.code")
    assert directory.ok("list_agencies", c.ListAgencies(search="H42.81"))["items"]
