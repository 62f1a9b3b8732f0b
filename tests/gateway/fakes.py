"""A bus written by hand that counts its calls, and views that say only what a test is about."""

import asyncio
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
from graphql import GraphQLSyntaxError, parse

from contracts.directory.access import MeView
from contracts.directory.agencies import AgencyView
from contracts.directory.staff import PersonView, PositionView
from contracts.documents.documents import DocumentKind, DocumentView, RevisionState, RevisionView, Standing
from contracts.documents.files import FileView
from contracts.notify.deliveries import DeliveryState, DeliveryView
from contracts.notify.notices import NoticeView
from gateway.app import Gateway
from gateway.bus.refused import Refused
from gateway.graphql.context import Context
from gateway.graphql.limits import Limits, Measure
from gateway.schema.assembled import SCHEMA
from gateway.settings import GatewaySettings
from kernel.base import wire
from kernel.base.errors import Refusal

SOME_DAY = date(2026, 8, 10)
SOME_TIME = datetime(2026, 8, 10, 1, tzinfo=UTC)


class FakeBus:
    """Answers by method: a value, a refusal, a defect, or a function of the question."""

    is_ready = True

    def __init__(self, **answers: Any) -> None:
        self.answers = {"public_grant": a_public_token(), **answers}
        self.calls: list[tuple[str, Any]] = []
        self.tokens: list[str | None] = []

    async def call(self, method: str, body: Any, *, token: Any = None, **_: Any):
        self.calls.append((method, body))
        self.tokens.append(token)
        await asyncio.sleep(0)
        answer = self.answers[method.partition(".")[2]]
        answer = answer(body) if callable(answer) else answer
        if isinstance(answer, Refusal):
            raise Refused.because(answer)
        if isinstance(answer, Exception):
            raise answer
        return wire.dump(answer)

    @property
    def asked(self) -> list[str]:
        """The methods called, but for the public token."""
        return [method for method, _ in self.calls if method != "directory.public_grant"]


def a_public_token(seconds: float = 600) -> dict[str, str]:
    expires_at = datetime.now(UTC) + timedelta(seconds=seconds)
    return {"grant": "public", "expires_at": expires_at.isoformat()}


def among(views: list[Any], key: str = "id"):
    """The answer of a question by ids: those of `views` that were asked for."""
    return lambda body: [view for view in views if str(getattr(view, key)) in body["ids"]]


def an_agency(**changes: Any) -> AgencyView:
    given = {"id": uuid4(), "code": "H42.1", "name": "Sở Dân tộc và Tôn giáo", "kind": "so"}
    dated = {"valid_from": SOME_DAY, "valid_to": None, "version": 1}
    return AgencyView(**given | dated | {"short_name": "Sở DTTG", "parent_id": None} | changes)


def a_person(**changes: Any) -> PersonView:
    return PersonView(**{"id": uuid4(), "full_name": "Đinh Thị Mơ", "email": None, "version": 1} | changes)


def a_position(**changes: Any) -> PositionView:
    given = {"id": uuid4(), "agency_id": uuid4(), "person_id": uuid4(), "title": "Thư ký ISO"}
    held = {"held_from": SOME_DAY, "held_to": None, "roles": [], "version": 1}
    return PositionView(**given | held | changes)


def a_me(**changes: Any) -> MeView:
    parts = {"person": a_person(), "position": a_position(), "agency": an_agency()}
    return MeView(**parts | {"business_today": SOME_DAY, "must_change_password": False} | changes)


def a_document(**changes: Any) -> DocumentView:
    owner = changes.get("agency_id", uuid4())
    given = {"id": uuid4(), "agency_id": owner, "numbered_in": owner, "kind": DocumentKind.PROCEDURE}
    said = {"code": "QTTP-20", "title": "Công nhận người có uy tín", "distribution": []}
    return DocumentView(**given | said | {"open_revision_id": None, "version": 1} | changes)


def a_revision(document: DocumentView, **changes: Any) -> RevisionView:
    file = FileView(
        upload_id=uuid4(),
        name="quy-trinh.docx",
        media_type="application/msword",
        size=10,
        sha256="0" * 64,
        locked_until=None,
    )
    moments = dict.fromkeys(("submitted_at", "reviewed_at", "approved_at", "issued_at"), None)
    people = {"author_id": uuid4()} | dict.fromkeys(("reviewed_by", "approved_by", "issued_by"))
    given = {"id": uuid4(), "document_id": document.id, "number": 1, "state": RevisionState.ISSUED}
    said = {"standing": Standing.IN_FORCE, "change_note": None, "procedure": None, "file": file}
    dated = {"effective_from": SOME_DAY, "effective_to": None, "migrated_from_paper": False}
    return RevisionView(**given | said | people | moments | dated | changes)


def a_notice(number: int, **changes: Any) -> NoticeView:
    words = {"subject": f"Thông báo {number}", "body": "…", "subject_en": "…", "body_en": "…"}
    about = {"kind": "revision_issued", "about_id": uuid4(), "about_type": "document"}
    given = {"id": uuid4(), "number": number, "person_id": UUID(int=7), "posted_at": SOME_TIME}
    return NoticeView(**given | words | about | {"read_at": None} | changes)


def a_delivery(notice: NoticeView) -> DeliveryView:
    return DeliveryView(
        id=uuid4(),
        notice_id=notice.id,
        channel="email",
        address="mo@so.example",
        state=DeliveryState.SENT,
        attempts=1,
        sent_at=SOME_TIME,
        last_error=None,
    )


def a_page(items: list[Any], has_next: bool = False, **more: Any) -> dict[str, Any]:
    cursors = [f"c{n}" for n, _ in enumerate(items)]
    return {"items": wire.dump(items), "has_next": has_next, "cursors": cursors, **more}


async def run(
    bus: FakeBus, query: str, variables: Any = None, *, token: str | None = "grant", parts: int = 1
):
    """Run an operation on the schema itself; `parts`: of a question that names too many ids for one."""
    context = Context(bus, _Public(), token=token)
    before = len(bus.asked)
    answer = await SCHEMA.execute(query, variables, context_value=context)
    made, priced = len(bus.asked) - before, priced_at(query)
    assert made <= priced * parts, f"the query was priced at {priced} calls and made {made}"
    return answer


def priced_at(query: str) -> int:
    """The most calls that a query is said to cost, whatever the limits are."""
    boundless = Limits(**{each.name: 10**6 for each in fields(Limits)})
    try:
        return Measure(SCHEMA._schema, parse(query), boundless).check().calls
    except GraphQLSyntaxError:
        return 0


class _Public:
    async def current(self) -> str:
        return "public"


def settings(**changes: Any) -> GatewaySettings:
    return GatewaySettings(**{"eiso_mode": "local", "amqp_uri": "amqp://nowhere"} | changes)


def client_of(bus: FakeBus, **changes: Any) -> httpx.AsyncClient:
    """An HTTP client of a whole gateway that speaks to `bus`."""
    transport = httpx.ASGITransport(Gateway(settings(**changes), bus).app(), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://gateway.test")


def a_clock(**changes: Any) -> dict[str, Any]:
    given = {"real_now": SOME_TIME.isoformat(), "business_now": SOME_TIME.isoformat()}
    return given | {"business_today": SOME_DAY.isoformat(), "is_shifted": False} | changes
