"""The GraphQL schema of all areas.

`python -m gateway.schema` writes it to the committed file, `--print` shows it, `--check` compares.
"""

import sys
from pathlib import Path
from typing import Any

import strawberry

from gateway.audits import AuditQueries
from gateway.board import BoardQueries
from gateway.cases import CaseQueries
from gateway.catalogue import CatalogueQueries
from gateway.clients import ClientQueries
from gateway.commands import mutations
from gateway.delegations import DelegationQueries
from gateway.descriptions import describe
from gateway.directory import DirectoryQueries
from gateway.documents import DocumentQueries
from gateway.duties import DutyQueries
from gateway.explain import Explain
from gateway.guard import AlreadyRead
from gateway.handing_over import HandOverQueries
from gateway.imports import ImportQueries
from gateway.links import LinkQueries
from gateway.nonconformities import NonconformityQueries
from gateway.notify import NotifyQueries, NotifySubscriptions
from gateway.people import PeopleQueries
from gateway.personal_grants import GrantQueries
from gateway.reorganisations import ReorganisationQueries
from gateway.reviews import ReviewQueries
from gateway.roles import RoleQueries
from gateway.sessions import SessionQueries
from gateway.systems import SystemQueries

COMMITTED = Path(__file__).with_name("schema.graphql")


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
    """Strawberry's schema, except that `gateway.explain` logs what is worth logging."""

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


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
