"""What the tables of rights say is what the services answer: every method, every role, every relation.

Generated from the services' methods, their contracts and their policies: a new method is in the matrix by
itself, and fails here until it is said what its ids are the ids of.
"""

from typing import Any
from uuid import uuid4

import pytest

from kernel.trust.policy import Relation
from tests.contract.policy import operations_of, service_of
from tests.integration.rights.bodies import ids_of, same_but_for, smallest
from tests.integration.rights.ground import EVERY_ROLE, NOT_REACHING, REACHING, RELATIONS
from tests.integration.rights.seeds import APPLICANT

KEPT = ("documents", "cases", "audits")
"""The services that keep things of agencies; directory and notify have tests of their own."""

BY_IDS = {
    "documents_by_ids": "document",
    "revisions_of": "document",
    "revisions_in_force": "document",
    "dossiers_by_ids": "dossier",
    "nonconformities_by_ids": "nonconformity",
    "programmes_of": "agency",
    "audits_by_ids": "audit",
    "reviews_by_ids": "review",
    "minutes_by_ids": "hand_over",
}
"""What the field `ids` of a method names."""
GUARDED = {
    "agency_id": "agency",
    "agency_ids": "agency",
    "document_id": "document",
    "revision_id": "revision",
    "upload_id": "upload",
    "dossier_id": "dossier",
    "nonconformity_id": "nonconformity",
    "programme_id": "programme",
    "audit_id": "audit",
    "review_id": "review",
    "hand_over_id": "hand_over",
    "link_id": "link",
    "subject_id": "nonconformity",
}
"""Fields that name something of one agency: one who does not reach it is answered as if it were not there."""
MENTIONED = {
    *(
        "distribution",
        "receiving_agency_id",
        "supporting_agency_ids",
        "coordinating_agency_ids",
        "competent_agency_id",
    ),
    *("owner_id", "lead_auditor_id", "auditor_ids", "document_ids"),
    *("action_id", "finding_id", "task_id", "position_id", "person_id"),
}
"""Fields that name what everybody signed in may see, or a part of a thing that is named beside it."""
SIGHTED = {"minutes_by_ids": "duties_of_others", "download_minute": "duties_of_others"}
"""What those alone are shown, of all who reach the agency, whom the table gives this sight."""
SEEN_BY_NOBODY_ELSE = ("confirm_upload",)
"""What is about a thing that those alone see who may do this to it."""
DOORS = ("not_permitted", "not_signed_in")


def methods(name: str) -> list[str]:
    """What people may ask of a service."""
    table = service_of(name).policy.rows
    return [each for each, rows in table.items() if rows[0].relation is not Relation.SYSTEM]


CELLS = [(name, method) for name in KEPT for method in methods(name)]


class Asking:
    """One method, asked by anybody about anything."""

    def __init__(self, field: Any, method: str) -> None:
        self.field, self.method = field, method
        self.contract, self.writes, _ = operations_of(service_of(field.name))[method]
        self.rows = field.policy.rows[method]
        self.names = ids_of(self.contract)
        if strange := set(self.names) - set(GUARDED) - MENTIONED - {"ids"}:
            pytest.fail(f"{method}: say in GUARDED or MENTIONED what {sorted(strange)} name")

    @property
    def guarded(self) -> list[str]:
        """The fields that name what not everybody may see."""
        return [name for name in self.names if name not in MENTIONED]

    def kind(self, name: str) -> str:
        return BY_IDS[self.method] if name == "ids" else GUARDED[name]

    def thing(self, name: str) -> Any:
        """What the department has of the kind that the field names."""
        kind = self.kind(name)
        return self.field.ground.department if kind == "agency" else self.field.things[kind]

    def ask(self, token: str | None, **given: Any) -> dict[str, Any]:
        """Ask with these ids; a version nobody has seen lets a command come as far as any may, no further."""
        known = {n: [v] if self.names.get(n) else v for n, v in given.items()}
        if "lead_auditor_id" in self.names:
            known |= {"lead_auditor_id": self.field.things["auditor"]}
        if "expected_version" in self.contract.__dataclass_fields__:
            known |= {"expected_version": -1}
        return self.field.spoken.ask(self.method, smallest(self.contract, **known), token)

    def about_the_department(self, token: str | None) -> dict[str, Any]:
        """Everything named is the department's."""
        required = {n for n in self.guarded if self._is_required(n)} or set(self.guarded[:1])
        return self.ask(token, **{n: self.thing(n) for n in required})

    def _is_required(self, name: str) -> bool:
        return name in smallest(self.contract)


def code_of(answer: dict[str, Any]) -> str | None:
    return answer["refused"]["code"] if "refused" in answer else None


def kind_of(answer: dict[str, Any]) -> str:
    return answer["refused"]["kind"] if "refused" in answer else "ok"


def test_every_method_and_every_id_in_it_is_part_of_the_matrix():
    for name, method in CELLS:
        contract, _, _ = operations_of(service_of(name))[method]
        ids = ids_of(contract)
        assert set(ids) <= {*GUARDED, *MENTIONED, "ids"}, (name, method)
        assert "ids" not in ids or method in BY_IDS, (name, method)


@pytest.mark.parametrize("name", KEPT)
def test_who_has_not_signed_in_may_do_what_is_public_and_nothing_else(field_of, name):
    field = field_of(name)
    for method in methods(name):
        asking = Asking(field, method)
        answer = asking.about_the_department(None)
        is_public = any(row.relation is Relation.PUBLIC for row in asking.rows)
        assert (code_of(answer) == "not_signed_in") is not is_public, (method, answer)


@pytest.mark.parametrize("name", KEPT)
def test_every_role_in_every_relation_is_answered_as_the_table_says(field_of, name):
    field, asked = field_of(name), 0
    for method in methods(name):
        asking = Asking(field, method)
        for relation in RELATIONS:
            for role in EVERY_ROLE:
                actor = field.ground.standing(relation, role)
                answer = asking.about_the_department(field.ground.token(actor))
                wanted = expected(asking, role, relation)
                said = (name, method, role, relation, wanted, str(answer)[:300])
                assert fits(asking, answer, wanted), said
                asked += 1
    assert asked >= len(methods(name)) * len(RELATIONS) * len(EVERY_ROLE)


def expected(asking: Asking, role: str, relation: str) -> str:
    """What the table says: stopped at once, hidden, forbidden, or passed."""
    held = {role, "reader"} if relation == "elsewhere_too" else {role}
    if not any(not row.roles or row.roles & held for row in asking.rows):
        return "stopped"
    if not asking.guarded:
        return "passes"
    if relation not in REACHING:
        return "hidden"
    if sight := SIGHTED.get(asking.method):
        return "passes" if _sees(asking, sight, role, relation) else "hidden"
    if not all(row.relation is Relation.WITHIN for row in asking.rows):
        return "passes"
    at_the_department = {"reader"} if relation == "elsewhere_too" else {role}
    if at_the_department & asking.field.policy.roles_for(asking.method, None):
        return "passes"
    return "forbidden" if asking.writes else "hidden"


def _sees(asking: Asking, sight: str, role: str, relation: str) -> bool:
    return relation != "elsewhere_too" and role in asking.field.policy.sights[sight]


def fits(asking: Asking, answer: dict[str, Any], wanted: str) -> bool:
    code, kind = code_of(answer), kind_of(answer)
    if wanted == "forbidden" and asking.method in SEEN_BY_NOBODY_ELSE:
        return kind == "NotFound"
    if wanted in ("stopped", "forbidden"):
        return code == "not_permitted"
    if wanted == "hidden" and asking.writes:
        return code == "not_permitted" or kind == "NotFound"
    if wanted == "hidden":
        return kind == "NotFound" or code == "not_permitted" or shows_nothing(asking, answer["ok"])
    if asking.writes:
        return code not in DOORS and kind != "NotFound" and code != "field_missing"
    if kind == "Conflict":
        return True  # it is there, and the answer says that it is not ready yet
    return kind == "ok" and (not asking.guarded or not shows_nothing(asking, answer["ok"]))


def shows_nothing(asking: Asking, shown: Any) -> bool:
    """No row of anything; figures of months are rows for any caller, and must then be nothing but zeros."""
    rows = shown["items"] if isinstance(shown, dict) and "items" in shown else shown
    if asking.method == "figures_by_month":
        return not any(value for row in rows for value in row.values() if isinstance(value, int))
    return rows == []


@pytest.mark.parametrize("name", KEPT)
def test_what_is_out_of_reach_is_answered_like_what_is_not_there(field_of, name):
    """For every field that names something, everything else being the caller's own."""
    field = field_of(name)
    for method in methods(name):
        asking = Asking(field, method)
        for named in asking.guarded:
            for relation in NOT_REACHING:
                for role in EVERY_ROLE:
                    actor = field.ground.standing(relation, role)
                    _same(asking, named, actor)


def _same(asking: Asking, named: str, actor: Any) -> None:
    token, thing, nothing = asking.field.ground.token(actor), asking.thing(named), uuid4()
    own = {"agency_id": actor.agency_id} if "agency_id" in asking.names and named != "agency_id" else {}
    foreign = asking.ask(token, **own, **{named: thing})
    unknown = asking.ask(token, **own, **{named: nothing})
    if asking.writes and "ok" in foreign:
        # A mention that is not looked up: whatever was named, it is the caller's own that was done.
        assert "ok" in unknown, (asking.method, named, foreign, unknown)
        return
    said = same_but_for(foreign, thing), same_but_for(unknown, nothing)
    assert said[0] == said[1], (asking.method, named, actor.roles)


def test_who_applied_is_seen_by_those_the_table_names_and_nobody_else(field_of):
    field = field_of("cases")
    seeing = field.policy.sights["applicant"]
    for relation in RELATIONS:
        for role in EVERY_ROLE:
            token = field.ground.token(field.ground.standing(relation, role))
            shown = str(field.spoken.ask("list_dossiers", {}, token)["ok"])
            theirs = relation in REACHING and relation != "elsewhere_too" and role in seeing
            assert (APPLICANT in shown) is theirs, (relation, role)


def test_a_draft_is_seen_by_those_the_table_names_and_nobody_else(field_of):
    field = field_of("documents")
    seeing, draft = field.policy.sights["drafts"], field.things["draft"]
    revision = field.things["draft_revision"]
    for relation in RELATIONS:
        for role in EVERY_ROLE:
            token = field.ground.token(field.ground.standing(relation, role))
            theirs = relation in REACHING and relation != "elsewhere_too" and role in seeing
            listed = str(field.spoken.ask("list_documents", {}, token)["ok"])
            revisions = field.spoken.ask("revisions_of", {"ids": [draft]}, token)["ok"]
            link = field.spoken.ask("download_revision", {"revision_id": revision}, token)
            assert (str(revision) in listed, bool(revisions), "ok" in link) == (theirs,) * 3, (relation, role)


def test_a_search_out_of_reach_finds_what_a_search_for_nothing_finds(field_of):
    field = field_of("documents")
    own = field.ground.almighty(field.ground.department)
    [shown] = field.spoken.ask("documents_by_ids", {"ids": [field.things["document"]]}, own)["ok"]
    for relation in NOT_REACHING:
        for role in EVERY_ROLE:
            token = field.ground.token(field.ground.standing(relation, role))
            found = field.spoken.ask("list_documents", {"search": shown["code"]}, token)
            assert found == field.spoken.ask("list_documents", {"search": "khong-co"}, token), role
    assert len(field.spoken.ask("list_documents", {"search": shown["code"]}, own)["ok"]["items"]) == 1
