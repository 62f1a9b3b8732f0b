"""Loads hand-overs for writing and numbers them."""

from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from kernel.base.errors import NotFound
from kernel.work.unit_of_work import track
from services.directory.hand_overs import tables
from services.directory.hand_overs.domain import HandOver


class HandOverRepository:
    """Hand-overs, numbered through a year."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def add(self, hand_over: HandOver) -> None:
        self.session.add(hand_over)
        track(self.session, hand_over, is_new=True)

    def get(self, hand_over_id: UUID) -> HandOver:
        found = self.session.get(HandOver, hand_over_id)
        if found is None:
            raise NotFound("hand_over_not_found", "handOverId")
        track(self.session, found)
        return found

    def next_number(self, year: int) -> str:
        """The year's next number; locked until the transaction ends: none is lost or given twice."""
        numbers = tables.minute_numbers
        new = insert(numbers).values(year=year, last=1)
        counted = new.on_conflict_do_update(index_elements=["year"], set_={"last": numbers.c.last + 1})
        return f"{self.session.scalar(counted.returning(numbers.c.last)):04}/{year}/BB-BG"
