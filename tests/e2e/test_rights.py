"""A sample of who may do what, through the gateway, with 250 agencies; the whole is asked without it."""

import asyncio
import json
import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLUnionType,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
)

from demo.province.procedures import read
from gateway.schema.assembled import SCHEMA
from kernel.base import clock
from kernel.trust.identity import Actor, Held, sign_token
from tests.client import Gateway
from tests.contract.policy import SERVICES, service_of
from tests.e2e.asking import a_draft, a_word_file, an_approved, ask, once_known, to_issue
from tests.e2e.conftest import DEPARTMENT, a_client

pytestmark = pytest.mark.asyncio(loop_scope="module")

AGENCIES, SHARE, AT_ONCE = 250, 0.02, 8
SEED = int(os.environ.get("EISO_TEST_SEED", "20261122"))
CLASSES = {
    "public": (),
    "reader": ("reader",),
    "worker": ("case_officer", "receptionist", "drafter"),
    "keeper": ("iso_secretary", "iso_head", "unit_leader"),
    "checker": ("internal_auditor", "lead_auditor", "inspector"),
    "administrator": ("province_admin",),
}
RELATIONS = ("there", "delegated", "above")
"""Works and has the role in that agency; works there for the department; works there and has it over all."""
KINDS = {
    "agencyId": "agency",
    "agencyIds": "agency",
    "documentId": "document",
    "uploadId": "upload",
    "dossierId": "dossier",
    "nonconformityId": "nonconformity",
    "programmeId": "programme",
    "reviewId": "review",
}
THINGS = ("document", "dossier", "nonconformity", "review")
OPEN = ("agency", "agencies", "person", "position", "positions", "reorganisations", "qualitySystems")
"""What is shown to everybody, or everybody signed in."""
MENTIONED = {("raiseNonconformity", "documentId"), ("recordFinding", "documentId")}
TEXTS = {"clause": "7.5", "mediaType": "application/pdf", "sha256": "0" * 64, "lines": "{}"}
PLAIN = {"Int": 1, "Boolean": True, "Date": "2026-08-10", "String": "Một câu đủ dài 2026"}
ROOTS = {"query": SCHEMA._schema.query_type.fields, "mutation": SCHEMA._schema.mutation_type.fields}


@dataclass(frozen=True)
class Cell:
    """One question or command that names one thing of the department, by somebody of an agency."""

    root: str
    name: str
    argument: str
    role_class: str
    agency: int


def cells() -> list[Cell]:
    """The whole matrix."""
    fields = [each for each in named() if each[1] not in OPEN]
    return [Cell(*each, role, n) for each in fields for role in CLASSES for n in range(AGENCIES)]


def named() -> Iterator[tuple[str, str, str]]:
    """Root fields with an argument that names a thing of the department."""
    for root, fields in ROOTS.items():
        for name, asked in fields.items():
            for argument in arguments(asked):
                is_thing = argument == "id" and name in THINGS
                if is_thing or (argument in KINDS and (name, argument) not in MENTIONED):
                    yield root, name, argument


def arguments(asked: GraphQLField) -> dict[str, Any]:
    """The arguments, those of the one input in place of it."""
    if "input" in asked.args:
        return dict(get_named_type(asked.args["input"].type).fields)
    return dict(asked.args)


class Town:
    """The agencies, the things of the department, and tokens for anybody."""

    def __init__(self, platform: Any, http: Any) -> None:
        self.http, self.things = http, dict[str, str]()
        keys = platform.instance.folder / "keys" / "grant.private.json"
        self.key = json.loads(keys.read_text())
        self.passwords = platform.passwords
        self.agencies: list[str] = []
        self.root = self.department = self.today = ""

    async def found(self) -> None:
        admin = await Gateway(self.http).sign_in("quantri", self.passwords["bootstrap_admin"])
        self.root, self.today = admin.me["agency"]["id"], admin.me["businessToday"]
        known = await admin.agencies()
        self.department = known[DEPARTMENT]
        gate = asyncio.Semaphore(AT_ONCE)

        async def enter(number: int) -> str:
            given = {"name": f"Xã thứ {number}", "shortName": f"Xã {number}", "kind": "commune"}
            code = {"code": f"H42.T{number:03}", "parentId": self.root, "validFrom": date(2025, 7, 1)}
            async with gate:
                return str((await admin.do("createAgency", "Agency { id }", **given, **code))["id"])

        others = [each for code, each in known.items() if code not in ("H42", DEPARTMENT)]
        missing = AGENCIES - len(others)
        self.agencies = others + list(await asyncio.gather(*(enter(n) for n in range(missing))))

    async def fill(self) -> None:
        """One thing of each kind in the department."""
        hands = [self.hand() for _ in range(3)]
        procedure = {"kind": "PROCEDURE", "procedure": read("van_ban_den").procedure}
        approved = await an_approved(*hands, **procedure)
        issue = to_issue(approved, effectiveFrom=self.today)
        document = await hands[2].do("issueRevision", "Document { id }", **issue)
        given = {"agencyId": self.department, "documentId": document["id"], "number": f"R-{uuid4().hex[:6]}"}
        dossier = await once_known(lambda: hands[0].do("registerDossier", "Dossier { id version }", **given))
        made = {"document": document["id"], "dossier": dossier["id"]}
        made["upload"] = await hands[0].upload(self.department, a_word_file())
        raised = {"severity": "MINOR", "description": "Hồ sơ trả chậm"}
        drafted = {"year": 2031, "title": "Năm ấy", "objective": "Theo 9.2"}
        planned = dict.fromkeys(("periodFrom", "periodTo", "heldOn"), self.today) | {"title": "Xem xét"}
        made["nonconformity"] = await self._made("raiseNonconformity", "Nonconformity", raised)
        made["programme"] = await self._made("createProgramme", "Programme", drafted)
        made["review"] = await self._made("planReview", "Review", planned)
        self.things = {**made, "agency": self.department}

    async def _made(self, command: str, shape: str, given: dict[str, Any]) -> str:
        made = await self.hand().do(command, f"{shape} {{ id }}", agencyId=self.department, **given)
        return str(made["id"])

    async def leave(self) -> None:
        """An open dossier would become late when others move the clock on; the sample receives some too."""
        listed = "query($at: UUID!) { dossiers(first: 100, agencyId: $at, status: %s)"
        listed += " { edges { node { id version } } } }"
        for status in ("PROCESSING", "PAUSED"):
            found = await self.hand().ask(listed % status, at=self.department)
            for dossier in (each["node"] for each in found["dossiers"]["edges"]):
                given = {"dossierId": dossier["id"], "expectedVersion": dossier["version"]}
                await self.hand().do("stopDossier", "Dossier { id }", **given, reason="Kết thúc phép thử")

    def hand(self) -> Gateway:
        """Somebody with every role in the department."""
        every = [role for roles in CLASSES.values() for role in roles] + ["reviewer", "approver"]
        token = self.token(UUID(self.department), [(role, UUID(self.department), False) for role in every])
        return Gateway(self.http, token, {"agency": {"id": self.department}})

    def token(self, works: UUID, held: list[tuple[str, UUID, bool]], *, obo: UUID | None = None) -> str:
        roles = tuple(Held(role=role, agency_id=at, with_subtree=below) for role, at, below in held)
        who = {"person_id": uuid4(), "position_id": uuid4(), "agency_id": works, "on_behalf_of": obo}
        actor = Actor(kind="person", roles=roles, **who)
        return sign_token(self.key, actor, clock.now(), timedelta(minutes=10))

    def caller(self, cell: Cell, role: str, relation: str) -> str | None:
        """The token of the cell's caller."""
        if cell.role_class == "public":
            return None
        works, department = UUID(self.agencies[cell.agency]), UUID(self.department)
        held = {"there": (works, False), "delegated": (department, False), "above": (UUID(self.root), True)}
        obo = uuid4() if relation == "delegated" else None
        return self.token(works, [(role, *held[relation])], obo=obo)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(platform):
    async with a_client(platform) as http:
        town = Town(platform, http)
        await town.found()
        await town.fill()
        yield town
        await town.leave()


def a_value(name: str, kind: Any) -> Any:
    """The smallest value that the schema and the contracts take."""
    kind = get_nullable_type(kind)
    if name in TEXTS:
        return TEXTS[name]
    if isinstance(kind, GraphQLList):
        return []
    if isinstance(kind, GraphQLEnumType):
        return next(iter(kind.values))
    if isinstance(kind, GraphQLInputObjectType):
        return {n: a_value(n, f.type) for n, f in kind.fields.items() if isinstance(f.type, GraphQLNonNull)}
    return -1 if name == "expectedVersion" else PLAIN.get(kind.name) or str(uuid4())


def shown(kind: Any) -> str:
    """Every plain field of what is answered, and the plain fields of what a list holds."""
    kind = get_named_type(kind)
    if isinstance(kind, GraphQLUnionType):
        return "{ __typename ... on Problem { code message messageEn remedy field } }"
    if "edges" in kind.fields:
        return (
            "{ edges { node " + shown(get_named_type(kind.fields["edges"].type).fields["node"].type) + " } }"
        )
    plain_ = [n for n, f in kind.fields.items() if is_leaf_type(get_named_type(f.type)) and not f.args]
    return "{ " + " ".join(plain_) + " }"


def twice(cell: Cell, own: str, thing: str, nothing: str) -> tuple[str, dict[str, Any]]:
    """One document that asks for the department's thing and for one that is not there."""
    asked, given = ROOTS[cell.root][cell.name], dict[str, Any]()
    takes_input = "input" in asked.args
    known = arguments(asked)
    for alias, id_ in (("theirs", thing), ("nothing", nothing)):
        required = {n: a for n, a in known.items() if isinstance(a.type, GraphQLNonNull) and n != "first"}
        body = {n: a_value(n, a.type) for n, a in required.items()}
        if "agencyId" in body:
            body["agencyId"] = own
        is_list = isinstance(get_nullable_type(known[cell.argument].type), GraphQLList)
        body[cell.argument] = [id_] if is_list else id_
        given |= {f"{alias}_input": body} if takes_input else {f"{alias}_{n}": v for n, v in body.items()}
    types = {"input": asked.args["input"].type} if takes_input else {n: a.type for n, a in known.items()}
    heads = ", ".join(f"${name}: {types[name.partition('_')[2]]}" for name in given)
    parts = []
    for alias in ("theirs", "nothing"):
        passed = (name for name in given if name.startswith(alias))
        said = ", ".join(f"{name.partition('_')[2]}: ${name}" for name in passed)
        parts.append(f"{alias}: {cell.name}({said}) {shown(asked.type)}")
    return f"{cell.root}({heads}) {{ {' '.join(parts)} }}", given


def roles_permitted(name: str) -> set[str]:
    """Who may, by the table, when the thing is in reach."""
    method = "".join(f"_{c.lower()}" if c.isupper() else c for c in name)
    tables = [service_of(each).policy for each in SERVICES]
    table = next(each for each in tables if method in each.rows)
    rows = table.rows[method]
    return set() if any(not row.roles for row in rows) else {role for row in rows for role in row.roles}


async def test_a_sample_of_the_matrix_is_answered_as_the_tables_say(town):
    chance, whole = random.Random(SEED), cells()
    sample = chance.sample(whole, int(len(whole) * SHARE))
    assert {each.role_class for each in sample} == set(CLASSES)
    gate, seen = asyncio.Semaphore(AT_ONCE), {"reached": 0, "hidden": 0}

    async def look(cell: Cell, role: str, relation: str) -> None:
        async with gate:
            seen[await judge(town, cell, role, relation)] += 1

    lots = [(each, chance.choice(CLASSES[each.role_class] or ("",))) for each in sample]
    await asyncio.gather(*(look(cell, role, chance.choice(RELATIONS)) for cell, role in lots))
    assert min(seen.values()) > len(sample) / 5, seen


async def judge(town: Town, cell: Cell, role: str, relation: str) -> str:
    """Ask both at once and compare them; what was asked about is all that may differ."""
    kind = cell.name if cell.argument == "id" else KINDS[cell.argument]
    thing, nothing = town.things[kind], str(uuid4())
    own = town.agencies[cell.agency] if relation == "there" else town.department
    document, given = twice(cell, own, thing, nothing)
    answer = await ask(town.http, document, given, token=town.caller(cell, role, relation))
    data, case = answer.json(), (SEED, cell, role, relation, answer.text[:600])
    nobody = cell.role_class == "public" and codes_of(data) == {"not_signed_in"}
    assert answer.status_code == (401 if nobody else 200), case
    theirs, none = (_told(data, alias, id_) for alias, id_ in (("theirs", thing), ("nothing", nothing)))
    if relation == "there" or cell.role_class == "public":
        assert theirs == none, case
        return "hidden"
    if cell.root == "mutation":
        may = roles_permitted(cell.name)
        if may and role not in may:
            assert "not_permitted" in theirs, case
        else:
            assert "not_permitted" not in theirs, case
            assert f"{kind}_not_found" not in theirs, case
    elif cell.argument == "id":
        assert theirs != none, case
    return "reached"


def codes_of(answer: dict[str, Any]) -> set[str]:
    return {each["extensions"]["code"] for each in answer.get("errors", ())}


def _told(answer: dict[str, Any], alias: str, asked: str) -> str:
    """What came under one alias, with its errors, without the id that was asked about."""
    errors = [
        {**each["extensions"], "traceId": None}
        for each in answer.get("errors", ())
        if each["path"][0] == alias
    ]
    said = answer.get("data") and answer["data"][alias]
    return json.dumps([said, errors], ensure_ascii=False).replace(asked, "<id>")


async def test_a_draft_of_another_agency_is_in_no_list_and_no_count(town):
    hand = town.hand()
    before = await _standing(town)
    draft = await a_draft(hand)
    stranger = Gateway(
        town.http, town.token(UUID(town.agencies[0]), [("iso_head", UUID(town.agencies[0]), False)])
    )
    listed = "query($s: String) { documents(search: $s) { edges { node { id } } } }"
    assert (await stranger.ask(listed, s=draft["code"]))["documents"]["edges"] == []
    assert len((await hand.ask(listed, s=draft["code"]))["documents"]["edges"]) == 1
    assert await _standing(town) == before


async def _standing(town: Town) -> Any:
    token = town.token(UUID(town.agencies[0]), [("iso_head", UUID(town.agencies[0]), False)])
    asked = "{ standings { proceduresInForce dossiersReceived openNonconformities agency { id } } }"
    return await Gateway(town.http, token).ask(asked)
