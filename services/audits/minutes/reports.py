"""What the services said that passed with hand-overs."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from contracts.duties import HandedThing
from services.audits.minutes.tables import hand_over_reports as reports


def reports_of(session: Session, ids: Iterable[UUID]) -> Any:
    """The rows in which services said what passed, by hand-over and service."""
    wanted = select(reports).where(reports.c.hand_over_id.in_(list(ids)))
    return session.execute(wanted.order_by(reports.c.hand_over_id, reports.c.service))


def things_of(session: Session, ids: Iterable[UUID]) -> list[HandedThing]:
    """Everything that passed, in the same order."""
    return [thing for report in reports_of(session, ids) for thing in report.things]
