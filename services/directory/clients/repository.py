"""Programs of portals in the database: loaded, listed, and their calls counted off."""

import math
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, or_, select, text, type_coerce
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from contracts.directory import clients as c
from kernel.base.errors import NotFound
from kernel.trust.reach import Reach
from kernel.work.call import Call
from kernel.work.unit_of_work import track
from org.reach import within
from services.directory.agencies.domain.outcome import Outcome
from services.directory.agencies.tables import agency_periods
from services.directory.clients.domain import IntegrationClient
from services.directory.clients.tables import client_usage, integration_clients

_OWN = tuple(name for name in c.ClientView.__dataclass_fields__ if name in integration_clients.c)
LEASED_AT_ONCE = 0.1
"""The share of a minute's calls that is leased at once: several gateways must each have some."""

_BEGIN = text("""insert into client_usage (client_id, minute, in_minute, day, in_day, used_at)
                 values (:client, :minute, 0, :day, 0, :now) on conflict do nothing""")
_USED = text("select minute, in_minute, day, in_day from client_usage where client_id = :client for update")
_COUNT = text("""update client_usage set minute = :minute, in_minute = :in_minute, day = :day,
                 in_day = :in_day, used_at = :now where client_id = :client""")


class ClientRepository:
    """Programs as wholes."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def add(self, client: IntegrationClient) -> None:
        self.session.add(client)
        track(self.session, client, is_new=True)

    def find(self, client_id: UUID) -> IntegrationClient | None:
        """The program, to be read."""
        return self.session.get(IntegrationClient, client_id)

    def get(self, client_id: UUID, reach: Reach) -> IntegrationClient:
        """The program, to be changed; one whose owner is out of reach is answered like none."""
        client = self.session.get(IntegrationClient, client_id, with_for_update=True)
        if client is None or client.agency_id not in reach:
            raise NotFound("client_not_found", "clientId")
        track(self.session, client)
        return client

    def of_agencies(self, agency_ids: Iterable[UUID]) -> Sequence[IntegrationClient]:
        """Programs that one of the agencies owns or that see its things."""
        clients, wanted = integration_clients.c, list(agency_ids)
        reaches = type_coerce(clients.agencies, JSONB)
        seen = [reaches.contains([{"agency_id": str(each)}]) for each in wanted]
        found = self.session.scalars(
            select(IntegrationClient)
            .where(clients.state != c.ClientState.REVOKED, or_(clients.agency_id.in_(wanted), *seen))
            .order_by(clients.id)
        ).all()
        for client in found:
            track(self.session, client)
        return found

    def to_watch(self, today: date, notice_by: date, limit: int) -> Sequence[IntegrationClient]:
        """Active programs that are overdue, or due by `notice_by` and not yet warned of; not those locked."""
        clients = integration_clients.c
        not_told = clients.warned_of.is_distinct_from(clients.approval_due_on)
        wanted = (
            select(IntegrationClient)
            .where(clients.state == c.ClientState.ACTIVE, clients.approval_due_on <= notice_by)
            .where(or_(clients.approval_due_on <= today, not_told))
            .order_by(clients.approval_due_on)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        found = self.session.scalars(wanted).all()
        for client in found:
            track(self.session, client)
        return found


def follow(call: Call, outcome: Outcome) -> None:
    """Let programs of agencies that an act ends go on with the agencies that go on with their things."""
    heirs = {each.agency_id: each.heir_id for each in outcome.continuations}
    if heirs:
        for client in ClientRepository(call.session).of_agencies(heirs):
            client.follow(heirs)


def root_of(session: Session) -> UUID | None:
    """The agency that the province's tree stands on."""
    roots = select(agency_periods.c.agency_id).where(agency_periods.c.parent_id.is_(None)).limit(1)
    return session.scalar(roots)


def listed(question: c.ListClients, reach: Reach) -> Select[Any]:
    """The programs of a list."""
    wanted = within(_views(), integration_clients.c.agency_id, reach)
    if question.agency_id is not None:
        wanted = wanted.where(integration_clients.c.agency_id == question.agency_id)
    if question.state is not None:
        wanted = wanted.where(integration_clients.c.state == question.state)
    return wanted


def by_ids(session: Session, ids: Iterable[UUID], reach: Reach) -> list[c.ClientView]:
    """The programs among these whose owners are in reach."""
    wanted = within(_views(), integration_clients.c.agency_id, reach)
    return [view(row) for row in session.execute(wanted.where(integration_clients.c.id.in_(list(ids))))]


def view(row: Row[Any]) -> c.ClientView:
    """A row of `listed` as it is shown."""
    shown = {name: row._mapping[name] for name in _OWN}
    return c.ClientView(
        **shown, previous_secret_until=row.previous_secret_until, last_used_at=row.last_used_at
    )


def _views() -> Select[Any]:
    usage = client_usage.c.client_id == integration_clients.c.id
    return select(
        *(integration_clients.c[name] for name in _OWN),
        integration_clients.c.previous_until.label("previous_secret_until"),
        integration_clients.c.name_folded,
        client_usage.c.used_at.label("last_used_at"),
    ).join(client_usage, usage, isouter=True)


def lease(call: Call, client: IntegrationClient, now: datetime, day: date) -> tuple[int, int, int]:
    """How many calls are leased, and what is left of the minute and of the day beside them."""
    minute = now.replace(second=0, microsecond=0)
    given = {"client": client.id, "minute": minute, "day": day, "now": now}
    # On the bare connection: what a program has used is counted, it is no change that owes the trail a row.
    connection = call.session.connection()
    connection.execute(_BEGIN, given)
    used = connection.execute(_USED, given).one()
    in_minute = used.in_minute if used.minute == minute else 0
    in_day = used.in_day if used.day == day else 0
    left = min(client.calls_per_minute - in_minute, client.calls_per_day - in_day)
    leased = max(0, min(left, math.ceil(client.calls_per_minute * LEASED_AT_ONCE)))
    connection.execute(_COUNT, given | {"in_minute": in_minute + leased, "in_day": in_day + leased})
    return leased, client.calls_per_minute - in_minute - leased, client.calls_per_day - in_day - leased
