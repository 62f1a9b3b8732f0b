"""The GraphQL schema of all areas.

`python -m gateway.schema` writes it to the committed file, `--print` shows it, `--check` compares.
"""

import sys
from pathlib import Path
from typing import Any

import strawberry

import gateway.schema.cases.sync  # noqa: F401 (only commands answer with what it shows)
from gateway.graphql.commands import mutations
from gateway.graphql.descriptions import describe
from gateway.graphql.explain import Explain
from gateway.graphql.guard import AlreadyRead
from gateway.schema.audits.nonconformities import NonconformityQueries
from gateway.schema.audits.programmes import AuditQueries
from gateway.schema.audits.reviews import ReviewQueries
from gateway.schema.board import BoardQueries
from gateway.schema.cases.dossiers import CaseQueries
from gateway.schema.cases.links import LinkQueries
from gateway.schema.catalogue import CatalogueQueries
from gateway.schema.directory.accounts import SessionQueries
from gateway.schema.directory.agencies import DirectoryQueries
from gateway.schema.directory.clients import ClientQueries
from gateway.schema.directory.delegations import DelegationQueries
from gateway.schema.directory.grants import GrantQueries
from gateway.schema.directory.hand_overs import HandOverQueries
from gateway.schema.directory.imports import ImportQueries
from gateway.schema.directory.people import PeopleQueries
from gateway.schema.directory.quality_systems import SystemQueries
from gateway.schema.directory.reorganisations import ReorganisationQueries
from gateway.schema.directory.roles import RoleQueries
from gateway.schema.documents.documents import DocumentQueries
from gateway.schema.duties import DutyQueries
from gateway.schema.notify.notices import NotifyQueries, NotifySubscriptions

COMMITTED = Path(__file__).parents[1] / "schema.graphql"


@strawberry.type(
    description="What can be asked. A thing that is absent or not to be seen is null. A question "
    "that is refused is null too, with an error beside it whose `extensions` say why; the other "
    "fields of the request keep their answers."
)
class Query(
    DirectoryQueries,
    RoleQueries,
    CatalogueQueries,
    GrantQueries,
    ImportQueries,
    DelegationQueries,
    PeopleQueries,
    SessionQueries,
    ClientQueries,
    ReorganisationQueries,
    DocumentQueries,
    CaseQueries,
    LinkQueries,
    NonconformityQueries,
    AuditQueries,
    ReviewQueries,
    BoardQueries,
    DutyQueries,
    HandOverQueries,
    SystemQueries,
    NotifyQueries,
):
    """All questions."""


Mutation = mutations(
    "What can be done. Every command carries a `requestId` made by the client: sent "
    "again with the same content it acts once. Every answer may be one of the problems. It is null "
    "where an error stands beside it: `not_signed_in` is an error on every operation, never a problem, "
    "so that a client renews its session in one place."
)


@strawberry.type(description="What is told as it happens, over `graphql-transport-ws`.")
class Subscription(NotifySubscriptions):
    """All subscriptions."""


class Schema(strawberry.Schema):
    """Strawberry's schema, except that `gateway.graphql.explain` logs what is worth logging."""

    def process_errors(self, errors: Any, execution_context: Any = None) -> None:
        """Nothing here: a refusal is no error, and a defect is logged once."""


SCHEMA = Schema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    extensions=[AlreadyRead, Explain],
)
describe(SCHEMA._schema)


def main(arguments: list[str]) -> int:
    """Write, print or compare; comparing fails when the committed file is not current."""
    printed = SCHEMA.as_str() + "\n"
    if "--print" in arguments:
        sys.stdout.write(printed)
        return 0
    if "--check" not in arguments:
        COMMITTED.write_text(printed, "utf-8")
        return 0
    if COMMITTED.exists() and COMMITTED.read_text("utf-8") == printed:
        return 0
    sys.stderr.write("gateway/schema.graphql không còn đúng với mã / is not current:\n  make schema\n")
    return 1
