"""What the directory withholds of a person is withheld on every path of the schema, from the one source.

The directory decides by `policy.PERSONAL` (shown by tests/integration/directory/test_records.py); here it is
shown that the gateway has people from nowhere else, and personal facts in no other shape.
"""

import ast
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import get_type_hints

from graphql import GraphQLObjectType, GraphQLUnionType, get_named_type
from strawberry.utils.str_converters import to_camel_case

from contracts import every
from contracts.directory.access import MeView, SessionView
from contracts.directory.staff import PersonPage, PersonView
from gateway.graphql.prices import codes_of, reached
from gateway.schema.assembled import SCHEMA
from services.directory.policy import PERSONAL, Tie

ROOT = Path(__file__).resolve().parents[2]
WITHHELD = {to_camel_case(name) for name, tie in PERSONAL.items() if tie is not Tie.ANYBODY}
NOT_OF_PEOPLE = {
    ("Agency", "email"): "the agency's own mailbox",
    ("Agency", "phone"): "the agency's own telephone",
    ("AgencyPeriod", "email"): "the agency's own mailbox",
    ("AgencyPeriod", "phone"): "the agency's own telephone",
    ("ImportedRow", "staffNumber"): "the rows of one's own import, shown to nobody else",
}
"""Fields that are called like a personal fact, and why they are none that somebody may not see."""


def objects():
    """Every object type that a query, a mutation or a subscription leads to."""
    schema = SCHEMA._schema
    waiting = [each for each in (schema.query_type, schema.mutation_type, schema.subscription_type) if each]
    found = {}
    while waiting:
        kind = waiting.pop()
        if isinstance(kind, GraphQLUnionType):
            waiting += kind.types
        elif isinstance(kind, GraphQLObjectType) and kind.name not in found:
            found[kind.name] = kind
            waiting += [get_named_type(each.type) for each in kind.fields.values()]
    return found


OBJECTS = objects()


def test_every_fact_of_a_person_has_its_reach_in_the_table():
    assert set(PERSONAL) == {each.name for each in fields(PersonView)}
    assert {"email", "phone", "staffNumber", "identityMasked"} <= WITHHELD


def test_personal_facts_stand_in_no_shape_but_the_person():
    elsewhere = {
        (kind.name, name) for kind in OBJECTS.values() for name in kind.fields if name in WITHHELD
    } - {("Person", name) for name in WITHHELD}
    assert elsewhere == set(NOT_OF_PEOPLE)
    assert set(OBJECTS["Person"].fields) >= WITHHELD


def sources(name, field):
    """The questions that a field asks the directory, by the code of its resolver."""
    made = (field.extensions or {}).get("strawberry-definition")
    resolver = getattr(made, "base_resolver", None)
    if resolver is None:
        return None
    named = {
        each for part in reached(resolver.wrapped_func) for code in codes_of(part) for each in code.co_names
    }
    return named & {"PeopleByIds", "ListPeople"}


def test_every_path_to_a_person_asks_the_directory_for_the_person():
    shown_in_answers, asked = set(), 0
    for kind in OBJECTS.values():
        for name, field in kind.fields.items():
            leads = get_named_type(field.type).name
            if leads not in ("Person", "PersonConnection"):
                continue
            found = sources(name, field)
            if found is None:
                shown_in_answers.add((kind.name, name))
            else:
                assert found, f"{kind.name}.{name} has a person from elsewhere"
                asked += 1
    # What is no resolver's is part of a whole answer, which is the directory's own.
    assert shown_in_answers == {("Me", "person"), ("Me", "onBehalfOf"), ("PersonEdge", "node")}
    assert asked > 30


def test_people_are_part_of_the_directorys_answers_only():
    holding = set()
    for module in every.modules():
        for shape in vars(module).values():
            if isinstance(shape, type) and is_dataclass(shape) and shape is not PersonView:
                holding |= {shape for hint in get_type_hints(shape).values() if "PersonView" in str(hint)}
    assert holding == {MeView, PersonPage}
    assert "MeView" in str(get_type_hints(SessionView)["me"])


def test_the_directory_shows_a_person_in_one_place():
    """`views.person_view` takes the ties, and only `queries.views` and the caller's own page give it some."""
    making = set()
    for path in (ROOT / "services").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            called = getattr(node, "func", None)
            name = getattr(called, "attr", getattr(called, "id", None))
            if name in ("PersonView", "person_view"):
                making.add((path.relative_to(ROOT).as_posix(), name))
    assert making == {
        ("services/directory/staff/views.py", "PersonView"),
        ("services/directory/staff/views.py", "person_view"),
        ("services/directory/staff/queries.py", "person_view"),
    }
