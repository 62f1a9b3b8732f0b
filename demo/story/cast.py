"""Who plays: the staff of Sở Dân tộc và Tôn giáo, others of the province, and the platform."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import httpx

from client.caller import camel
from client.gateway import File, Gateway, Refused
from client.generated.agencies import Standings
from client.generated.documents import DocumentNow
from client.generated.dossiers import DossierNow
from client.generated.nonconformities import NonconformityNow
from demo.province import docx, procedures, staff
from demo.province.procedures import DemoProcedure
from demo.story.reporting import Different
from deploy.platform.platform import Platform
from deploy.speech import said
from kernel.base import clock

DEPARTMENT, OFFICE = "H42.013", "H42.001"
PROVINCE, AUDITORS, COMMUNE = "H42", "H42.008", "H42.14329"
Command = Callable[..., Awaitable[Any]]
"""A method of the client, as the class has it."""
OPENING = datetime.fromisoformat("2026-08-10T08:00+07:00")


@dataclass
class Made:
    """What the acts have made so far; what an act needs, an act before it has made."""

    document: DocumentNow | None = None
    dossier: DossierNow | None = None
    nonconformity: NonconformityNow | None = None


@dataclass
class Stage:
    """What the acts share: the platform, the gateway for each of its people, and what they made so far."""

    platform: Platform
    http: httpx.AsyncClient
    hands: dict[str, Gateway] = field(default_factory=dict)
    reader: Gateway | None = None
    made: Made = field(default_factory=Made)
    before: dict[str, Standings] = field(default_factory=dict)
    """How the agencies stood before the first dossier, by code."""

    @property
    def department_id(self) -> str:
        return str(self.hands["secretary"].me["agency"]["id"])

    @property
    def document(self) -> DocumentNow:
        """The procedure the story is about."""
        assert self.made.document is not None
        return self.made.document

    @property
    def dossier(self) -> DossierNow:
        """The dossier that goes all its steps."""
        assert self.made.dossier is not None
        return self.made.dossier

    @property
    def nonconformity(self) -> NonconformityNow:
        """The one that lateness opens."""
        assert self.made.nonconformity is not None
        return self.made.nonconformity

    async def sign_in(self, agency_code: str, key: str) -> Gateway:
        """The gateway, signed in as the person of that agency in that position."""
        member = next(m for m in staff.members() if (m.agency_code, m.key) == (agency_code, key))
        password = self.platform.passwords["demo_accounts"]
        return await Gateway(self.http).enter(member.username, password)

    async def act(
        self, hand: str, command: Callable[..., Awaitable[DocumentNow]], **given: Any
    ) -> DocumentNow:
        """One command about the document, by one of the department's people."""
        self.made.document = await command(self.hands[hand], **self._asked(**given))
        return self.document

    async def refusal(self, caller: Gateway, command: Command, **given: Any) -> dict[str, Any]:
        """The refusal that a command is answered with; that it is carried out would be a difference."""
        return await refusal(caller, command, **self._asked(**given))

    def _asked(self, **given: Any) -> dict[str, Any]:
        about = {} if "document_id" in given else {"document_id": self.document["id"]}
        return {**about, "expected_version": self.document["version"], **given}

    async def hand(self, agency_code: str, key: str) -> Gateway:
        """The gateway for that person, who signs in at their first act."""
        name = key if agency_code == DEPARTMENT else f"{agency_code}:{key}"
        if name not in self.hands:
            self.hands[name] = await self.sign_in(agency_code, key)
        return self.hands[name]

    def set_clock(self, moment: datetime) -> None:
        """Pin the business clock of every process."""
        assert self.platform.clock_file, "a story is played where business time may be set"
        clock.shift_to(self.platform.clock_file, moment, frozen=True)

    def clock_to(self, day: date) -> None:
        """The business clock to eight o'clock of that day."""
        self.set_clock(OPENING + timedelta(days=(day - OPENING.date()).days))


async def refusal(caller: Gateway, command: Command, **asked: Any) -> dict[str, Any]:
    """What a command is refused with; that it is carried out would be a difference."""
    try:
        done = await command(caller, **asked)
    except Refused as no:
        return dict(no.problem)
    raise Different(said("story_not_refused", command=named(command), answer=str(done)))


def named(command: Command) -> str:
    """A command as the schema calls it."""
    return camel(command.__name__)


def the_procedure() -> DemoProcedure:
    """QTTP-20: change of seat of a religious organisation (TTHC 1.012644)."""
    return procedures.read("qttp_20")


def word_file(given: DemoProcedure, revision: int, effective: date) -> File:
    """The procedure as a Word file."""
    content = docx.document(
        given, agency="Sở Dân tộc và Tôn giáo", revision=revision, effective=f"{effective:%d/%m/%Y}"
    )
    return File(name=f"{given.code}-{revision:02}.docx", media_type=docx.MEDIA_TYPE, content=content)


async def until(find: Callable[[], Awaitable[Any]], what: str, seconds: float = 20) -> Any:
    """What `find` returns once there is something; a difference when that takes too long."""
    limit = time.monotonic() + seconds
    while not (found := await find()):
        if time.monotonic() > limit:
            raise Different(said("story_never_came", what=what, seconds=seconds))
        await asyncio.sleep(0.1)
    return found
