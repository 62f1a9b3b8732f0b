"""What a role may do to a thing in a state is what the table says, for every state a thing can be in."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts.documents.documents import RevisionState as State
from kernel.trust.policy import Row
from tests.contract.policy import SERVICES, operations_of, service_of
from tests.integration.rights.bodies import smallest
from tests.integration.rights.ground import EVERY_ROLE

WAY = {State.DRAFT: (), State.IN_REVIEW: ("submit",), State.REVIEWED: ("submit", "review")}
WAY |= {State.APPROVED: ("submit", "review", "approve")}


def by_state(name: str) -> dict[str, tuple[Row, ...]]:
    """The actions whose rows name states."""
    rows = service_of(name).policy.rows
    return {action: each for action, each in rows.items() if any(row.states for row in each)}


def test_only_documents_have_rows_that_name_states():
    """A service that begins to name states needs a test of them here."""
    assert [name for name in SERVICES if by_state(name)] == ["documents"]


class Shelf:
    """Documents of the department, one in each state; whatever was changed is put back as a new one."""

    def __init__(self, field: Any) -> None:
        self.field, self.at = field, field.ground.department
        self.known: dict[State, Any] = {}

    def document(self, state: State) -> Any:
        if state not in self.known:
            self.known[state] = self._made(state)
        return self.known[state]

    def _made(self, state: State) -> Any:
        spoken, author = self.field.spoken, self.field.ground.almighty(self.at)
        given = {"agency_id": self.at, "kind": "form", "title": "Biểu mẫu", "code": f"BM-{uuid4().hex[:6]}"}
        made = spoken.ok("create_document", author, upload_id=self.field.things["upload"], **given)
        for step in WAY[state]:
            about = {"document_id": made["id"], "expected_version": made["version"]}
            hand = author if step == "submit" else self.field.ground.almighty(self.at)
            made = spoken.ok(f"{step}_revision", hand, **about)
        return made

    def tried(self, action: str, state: State, role: str) -> str | None:
        """The code it was refused with, or None."""
        document, contract = self.document(state), operations_of(service_of("documents"))[action][0]
        about = {"document_id": UUID(document["id"]), "expected_version": document["version"]}
        token = self.field.ground.token(self.field.ground.standing("own", role))
        answer = self.field.spoken.ask(action, smallest(contract, **about), token)
        if "ok" in answer:
            del self.known[state]
            return None
        return str(answer["refused"]["code"])


@pytest.mark.parametrize("action", by_state("documents"))
def test_an_action_is_open_in_the_states_of_the_table_and_to_its_roles(field_of, action):
    field = field_of("documents")
    shelf, policy = Shelf(field), field.policy
    for state in WAY:
        for role in EVERY_ROLE:
            said = shelf.tried(action, state, role)
            case = (action, state, role, said)
            if role not in policy.roles_for(action, None):
                assert said == "not_permitted", case
            elif not policy.is_open_in(action, state):
                assert said == "not_in_this_state", case
            elif role not in policy.roles_for(action, state):
                assert said == "not_permitted", case
            else:
                assert said is None, case
