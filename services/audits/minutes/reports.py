"""The minute of a hand-over: written once every service has said what passed, locked in the store."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from contracts.duties import HandedThing
from services.audits.minutes.tables import hand_over_reports as reports


def _reports(session: Session, ids: Iterable[UUID]) -> Any:
    wanted = select(reports).where(reports.c.hand_over_id.in_(list(ids)))
    return session.execute(wanted.order_by(reports.c.hand_over_id, reports.c.service))


def _things(session: Session, ids: Iterable[UUID]) -> list[HandedThing]:
    return [thing for report in _reports(session, ids) for thing in report.things]
