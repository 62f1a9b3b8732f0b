"""Views become GraphQL types through `present` alone, with everything nested inside."""

import re
from dataclasses import MISSING, fields

from graphql import is_input_object_type, is_non_null_type, is_required_input_field
from strawberry.utils.str_converters import to_camel_case

from contracts import every
from contracts.base import Errand
from contracts.documents import files as uploads
from contracts.documents.procedures import Duration, DurationUnit, ProcedureContent, ProcedureStep
from gateway.graphql.context import method_of
from gateway.graphql.present import present
from gateway.schema.assembled import COMMITTED, SCHEMA, main
from gateway.schema.documents.documents import Revision, UploadTicket
from tests.gateway.fakes import SOME_TIME, FakeBus, a_document, a_me, a_page, a_revision, run


def contract_of(made: type) -> type:
    """The contract that a type or an input of the schema subclasses."""
    return next(each for each in made.__mro__[1:] if each.__module__.startswith("contracts."))


def test_the_committed_schema_is_current():
    assert main(["--check"]) == 0
    assert COMMITTED.read_text("utf-8") == SCHEMA.as_str() + "\n"


def test_every_command_of_the_contracts_is_a_mutation_that_may_answer_with_each_problem():
    commands = {
        method_of(cls).partition(".")[2]
        for module in every.modules()
        for cls in vars(module).values()
        if isinstance(cls, type) and cls.__mro__[1].__name__ == "Command" and cls is not Errand
    }
    fields = SCHEMA._schema.mutation_type.fields
    camel = {re.sub(r"_([a-z])", lambda m: m.group(1).upper(), name) for name in commands}
    assert camel == set(fields)
    for field in fields.values():
        members = {member.name for member in field.type.types}
        problems = ("Invalid", "NotFound", "Forbidden", "Conflict", "Unavailable")
        assert {f"{kind}Problem" for kind in problems} < members


def test_what_a_contract_lets_out_a_client_may_leave_out():
    inputs = [t for t in SCHEMA._schema.type_map.values() if is_input_object_type(t)]
    assert len(inputs) > 20
    for given in inputs:
        contract = contract_of(SCHEMA.get_type_by_name(given.name).origin)
        required = {
            to_camel_case(f.name)
            for f in fields(contract)
            if f.default is MISSING and f.default_factory is MISSING
        }
        assert {name for name, f in given.fields.items() if is_required_input_field(f)} == required


def test_a_refused_question_costs_no_other_its_answer():
    fields = SCHEMA._schema.query_type.fields.items()
    assert [name for name, field in fields if is_non_null_type(field.type)] == []


def test_every_type_and_every_root_field_says_what_it_is():
    schema = SCHEMA._schema
    types = (t for name, t in schema.type_map.items() if not name.startswith("__"))
    assert [t.name for t in types if not t.description] == []
    for root in (schema.query_type, schema.mutation_type, schema.subscription_type):
        assert [name for name, field in root.fields.items() if not field.description] == []


def test_descriptions_name_fields_as_clients_know_them():
    assert "`positionId` chooses" in SCHEMA._schema.mutation_type.fields["signIn"].description


def test_nested_views_become_nested_types():
    steps = [
        ProcedureStep(
            seq=1,
            number="B1",
            responsible="Chuyên viên",
            content="Tiếp nhận",
            duration=Duration(amount=0.5, unit=DurationUnit.WORKING_DAY),
        )
    ]
    view = a_revision(a_document(), procedure=ProcedureContent(steps=steps))
    shown = present(Revision, view)
    assert type(shown.procedure).__module__ == "gateway.schema.documents.documents"
    assert type(shown.procedure.steps[0].duration).__module__ == "gateway.schema.documents.documents"
    assert contract_of(type(shown.file)).__name__ == "FileView"
    assert shown.procedure.legal_time is None


def test_a_map_is_shown_as_names_and_values():
    ticket = uploads.UploadTicket(
        upload_id=a_document().id,
        url="http://store/put",
        headers={"Content-Type": "application/pdf"},
        expires_at=SOME_TIME,
    )
    [header] = present(UploadTicket, ticket).headers
    assert (header.name, header.value) == ("Content-Type", "application/pdf")


async def test_ids_that_have_a_relation_are_not_shown_bare():
    document = SCHEMA._schema.get_type("Document").fields
    assert "agencyId" not in document
    assert "openRevisionId" not in document
    assert "agency" in document


async def test_who_am_i_is_null_for_nobody_and_costs_no_call():
    bus = FakeBus(me=a_me())
    answer = await run(bus, "{ me { person { fullName } } }", token=None)
    assert (answer.data, bus.calls) == ({"me": None}, [])


async def test_a_page_is_a_relay_connection():
    bus = FakeBus(list_documents=a_page([a_document(), a_document(code="QT-2")], has_next=True))
    answer = await run(
        bus,
        """query ($after: String) {
          documents(first: 2, after: $after, kind: PROCEDURE) {
            edges { cursor node { code kind } }
            pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
          }
        }""",
        {"after": "c9"},
    )
    assert answer.errors is None
    assert answer.data["documents"]["edges"][1] == {
        "cursor": "c1",
        "node": {"code": "QT-2", "kind": "PROCEDURE"},
    }
    assert answer.data["documents"]["pageInfo"] == {
        "hasNextPage": True,
        "hasPreviousPage": True,
        "startCursor": "c0",
        "endCursor": "c1",
    }
    [(_, body)] = bus.calls
    assert (body["first"], body["after"], body["kind"]) == (2, "c9", "procedure")
