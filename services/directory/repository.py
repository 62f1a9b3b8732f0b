"""Loads aggregates for writing, and accounts for what is changed in them."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, or_, select, text, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from contracts.authority import Basis
from contracts.directory.events import AuthorityEnded
from contracts.directory.reorganisations import ReorganisationState
from kernel.base.errors import NotFound
from kernel.base.text import fold
from kernel.data.periods import lasts
from kernel.work.outbox import Told
from kernel.work.unit_of_work import track, work_of
from org.tables import agency_closure
from services.directory import access_tables, tables
from services.directory.domain.account import Account
from services.directory.domain.agency import Agency
from services.directory.domain.person import Person
from services.directory.domain.position import Position
from services.directory.domain.reorganisation import Reorganisation
from services.directory.domain.session import Ended, RefreshToken, SessionFamily


class AgencyRepository:
    """Agencies, each with all its periods."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def add(self, agency: Agency) -> None:
        self.session.add(agency)
        track(self.session, agency, is_new=True)

    def get(self, agency_id: UUID, field: str = "agencyId") -> Agency:
        agency = self.session.get(Agency, agency_id)
        if agency is None:
            raise NotFound("agency_not_found", field)
        track(self.session, agency)
        return agency

    def has_root(self) -> bool:
        """Whether the tree has begun."""
        periods = tables.agency_periods.c
        rootless = select(periods.agency_id).where(periods.parent_id.is_(None)).limit(1)
        return self.session.scalar(rootless) is not None

    def lock_tree(self) -> None:
        """One change of the tree at a time, until the transaction ends.

        Two insertions side by side would both wait for each other in the exclusion constraints.
        """
        self.session.execute(text("select pg_advisory_xact_lock(hashtext('agency_closure'))"))

    def hold_tree(self) -> None:
        """No change of the tree until the transaction ends, for whoever builds on it as it stands."""
        self.session.execute(text("select pg_advisory_xact_lock_shared(hashtext('agency_closure'))"))

    def is_below(self, above: UUID, agency_id: UUID, day: date) -> bool:
        """Whether `agency_id` stands anywhere below `above` on `day`."""
        closure = agency_closure.c
        found = select(closure.descendant_id).where(
            closure.ancestor_id == above,
            closure.descendant_id == agency_id,
            lasts(closure.valid_from, closure.valid_to, day),
        )
        return self.session.scalar(found) is not None


class StandingTree:
    """The facts of the tree as an act is judged against them; to be read, not changed.

    What was asked for is kept: the session itself forgets an agency that nobody holds, and one that is not
    there it looks for anew each time. What is known beforehand to be asked for is read in one go.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self._known: dict[UUID, Agency | None] = {}
        self._holders: dict[tuple[str, date], Sequence[UUID]] = {}

    def foresee(self, agency_ids: Collection[UUID], codes: Collection[str], day: date) -> None:
        """Read these agencies, and who has these codes on that day or later, in two questions."""
        wanted = select(Agency).where(tables.agencies.c.id.in_(agency_ids))
        self._known |= dict.fromkeys(agency_ids)
        self._known |= {agency.id: agency for agency in self.session.scalars(wanted)}
        holders: dict[str, list[UUID]] = {code: [] for code in codes}
        periods = tables.agency_periods.c
        having = select(periods.code, periods.agency_id).where(periods.code.in_(codes), _ends_after(day))
        for code, agency_id in self.session.execute(having):
            holders[code].append(agency_id)
        self._holders |= {(code, day): found for code, found in holders.items()}

    def find(self, agency_id: UUID) -> Agency | None:
        """The agency, if there ever was one."""
        if agency_id not in self._known:
            self._known[agency_id] = self.session.get(Agency, agency_id)
        return self._known[agency_id]

    def children(self, agency_id: UUID, day: date) -> Sequence[UUID]:
        """Those that stand under it on that day or any later."""
        periods = tables.agency_periods.c
        below = select(periods.agency_id).where(periods.parent_id == agency_id, _ends_after(day)).distinct()
        return self.session.scalars(below.order_by(periods.agency_id)).all()

    def holders(self, code: str, day: date) -> Sequence[UUID]:
        """Who has the code on that day or any later."""
        if (code, day) not in self._holders:
            periods = tables.agency_periods.c
            having = select(periods.agency_id).where(periods.code == code, _ends_after(day))
            self._holders[code, day] = self.session.scalars(having).all()
        return self._holders[code, day]


def _ends_after(day: date) -> ColumnElement[bool]:
    """States of agencies that last on that day, or begin later."""
    ends = tables.agency_periods.c.valid_to
    return or_(ends.is_(None), ends > day)


class ReorganisationRepository:
    """Acts that change agencies."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def add(self, act: Reorganisation) -> None:
        self.session.add(act)
        track(self.session, act, is_new=True)

    def get(self, act_id: UUID) -> Reorganisation:
        """The act, locked: it may not be applied while it is taken back."""
        act = self.session.get(Reorganisation, act_id, with_for_update=True)
        if act is None:
            raise NotFound("reorganisation_not_found", "reorganisationId")
        track(self.session, act)
        return act

    def is_any_due(self, today: date) -> bool:
        """Asked before the tree is locked for the others."""
        acts = tables.reorganisations.c
        due = select(acts.id).where(acts.state == ReorganisationState.SCHEDULED, acts.effective_on <= today)
        return self.session.scalar(due.limit(1)) is not None

    def next_due(self, today: date) -> Reorganisation | None:
        """The first act whose day has come."""
        acts = tables.reorganisations.c
        due = (
            select(Reorganisation)
            .where(acts.state == ReorganisationState.SCHEDULED, acts.effective_on <= today)
            .order_by(acts.effective_on, acts.requested_at, acts.id)
            .limit(1)
            .with_for_update()
        )
        act = self.session.scalar(due)
        if act is not None:
            track(self.session, act)
        return act

    def waiting_for(self, agency_ids: Iterable[UUID]) -> tuple[date, str] | None:
        """Day and number of an act that waits and concerns one of the agencies."""
        concerned, acts = tables.reorganisation_agencies.c, tables.reorganisations.c
        wanted = (
            select(Reorganisation)
            .join(tables.reorganisation_agencies, concerned.reorganisation_id == acts.id)
            .where(concerned.agency_id.in_(list(agency_ids)), acts.state == ReorganisationState.SCHEDULED)
            .order_by(acts.effective_on)
            .limit(1)
        )
        act = self.session.scalar(wanted)
        return (act.effective_on, act.plan.basis.number) if act else None


class PersonRepository:
    """People."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def add(self, person: Person) -> None:
        self.session.add(person)
        track(self.session, person, is_new=True)

    def get(self, person_id: UUID, *, lock: bool = False) -> Person:
        """The person; locked, so that what is entered for them is entered one after the other."""
        person = self.session.get(Person, person_id, with_for_update=True if lock else None)
        if person is None:
            raise NotFound("person_not_found", "personId")
        track(self.session, person)
        return person

    def kept_by(self, agency_ids: Iterable[UUID]) -> Sequence[Person]:
        """Those whose records the agencies keep, to be changed."""
        kept = tables.people.c
        wanted = select(Person).where(kept.home_agency_id.in_(list(agency_ids))).order_by(kept.id)
        found = self.session.scalars(wanted.with_for_update()).all()
        for person in found:
            track(self.session, person)
        return found


class PositionRepository:
    """Holdings of positions, each with its roles."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def add(self, position: Position) -> None:
        self.session.add(position)
        track(self.session, position, is_new=True)

    def get(self, position_id: UUID, field: str = "positionId") -> Position:
        position = self.session.get(Position, position_id)
        if position is None:
            raise NotFound("position_not_found", field)
        track(self.session, position)
        return position

    def lasting_in(self, agency_ids: Iterable[UUID], day: date) -> Sequence[Position]:
        """Holdings in the agencies that last on `day` or begin later; to be read until tracked."""
        held = tables.positions.c
        lasting = or_(held.held_to.is_(None), and_(held.held_to > day, held.held_to > held.held_from))
        wanted = select(Position).where(held.agency_id.in_(list(agency_ids)), lasting)
        return self.session.scalars(wanted.order_by(held.agency_id, held.title_folded, held.id)).all()

    def granted_for(self, agency_ids: Iterable[UUID], day: date) -> Sequence[Position]:
        """Holdings with a role for one of the agencies that lasts on `day` or begins later."""
        role, held = tables.position_roles.c, tables.positions.c
        lasting = or_(role.valid_to.is_(None), and_(role.valid_to > day, role.valid_to > role.valid_from))
        granted = select(role.position_id).where(role.agency_id.in_(list(agency_ids)), lasting)
        return self.session.scalars(select(Position).where(held.id.in_(granted)).order_by(held.id)).all()

    def account_for(self, position: Position) -> Position:
        """To be changed: also a change of its roles alone is a new version of the position."""
        track(self.session, position)
        flag_modified(position, "title")
        return position

    def before(self, position: Position) -> list[UUID]:
        """The holdings that it went on from: the same title, ended the day it began, and so on back."""
        held, found = tables.positions.c, []
        day = position.held_from
        earlier = select(held.id, held.held_from, held.held_to).where(
            held.person_id == position.person_id,
            held.title_folded == fold(position.title),
            held.held_to <= day,
            held.held_to > held.held_from,
        )
        for row in self.session.execute(earlier.order_by(held.held_to.desc(), held.id)):
            if row.held_to == day:
                found.append(row.id)
                day = row.held_from
        return found

    def of_person(self, person_id: UUID, day: date) -> Sequence[Position]:
        """What the person holds on `day` or later; to be read, not changed."""
        held = tables.positions.c
        lasting = or_(held.held_to.is_(None), and_(held.held_to > day, held.held_to > held.held_from))
        return self.session.scalars(select(Position).where(held.person_id == person_id, lasting)).all()

    def held_by(self, person_id: UUID, day: date) -> Sequence[Position]:
        """What the person holds on `day`, longest held first; to be read, not changed."""
        held = tables.positions.c
        statement = (
            select(Position)
            .where(held.person_id == person_id, lasts(held.held_from, held.held_to, day))
            .order_by(held.held_from, held.id)
        )
        return self.session.scalars(statement).all()


class AccountRepository:
    """Accounts."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def add(self, account: Account) -> None:
        self.session.add(account)
        track(self.session, account, is_new=True)

    def called(self, username: str, *, lock: bool = False) -> Account | None:
        """Locked, whoever disables it meanwhile waits, and then ends the sessions begun until then."""
        return self._one(access_tables.accounts.c.username == username, lock=lock)

    def password_of(self, username: str) -> Row[tuple[UUID, str]] | None:
        """Id and hash of the account, to be tried; not yet to be changed."""
        known = access_tables.accounts.c
        wanted = select(known.id, known.password_hash).where(known.username == username)
        return self.session.execute(wanted).one_or_none()

    def of(self, person_id: UUID, *, lock: bool = False) -> Account | None:
        return self._one(access_tables.accounts.c.person_id == person_id, lock=lock)

    def _one(self, condition: ColumnElement[bool], *, lock: bool) -> Account | None:
        wanted = select(Account).where(condition)
        if lock:
            wanted = wanted.with_for_update().execution_options(populate_existing=True)
        account = self.session.scalar(wanted)
        if account is not None:
            track(self.session, account)
        return account


class SessionRepository:
    """Sessions and their refresh tokens."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def add(self, family: SessionFamily, token: RefreshToken) -> None:
        self.session.add(family)
        self.session.flush()
        self.session.add(token)

    def add_token(self, token: RefreshToken) -> None:
        self.session.add(token)

    def token(self, digest: bytes | None) -> RefreshToken | None:
        return self.session.get(RefreshToken, digest) if digest else None

    def locked(self, digest: bytes) -> tuple[SessionFamily, RefreshToken] | None:
        """The token and its session, which nobody else renews until the transaction ends."""
        tokens = access_tables.refresh_tokens.c
        family_id = self.session.scalar(select(tokens.family_id).where(tokens.digest == digest))
        if family_id is None:
            return None
        family = self.session.get(SessionFamily, family_id, with_for_update=True)
        token = self.session.get(RefreshToken, digest, populate_existing=True)
        return (family, token) if family and token else None

    def end(self, family: SessionFamily, because: Ended, now: datetime) -> None:
        """End one that is locked, and what was granted to it."""
        family.end(because, now)
        tell_ended(self.session, [family.id])

    def end_all_of(self, account_id: UUID, because: Ended, now: datetime) -> None:
        """End every open session of the account, and what was granted to them."""
        # What was changed in the account is written first: a sign-in at the same time waits for that, or is
        # seen here.
        self.session.flush()
        families = access_tables.session_families
        ended = (
            update(families)
            .where(families.c.account_id == account_id, families.c.ended_at.is_(None))
            .values(ended_at=now, ended_because=because)
            .returning(families.c.id, families.c.ends_at)
        )
        tell_ended(self.session, [row.id for row in self.session.execute(ended) if row.ends_at > now])


def tell_ended(session: Session, family_ids: Iterable[UUID]) -> None:
    """Tell that sessions ended, so that what was granted to them opens nothing any more, anywhere."""
    for each in family_ids:
        ended = AuthorityEnded(basis=Basis.SESSION, subject_id=each)
        work_of(session).told.append(Told(aggregate_id=each, version=1, event=ended))


def forget_sessions(session: Session, before: datetime, limit: int) -> int:
    """Delete sessions, with their tokens, that could be used until `before` at the latest."""
    families = access_tables.session_families
    old = (
        select(families.c.id)
        .where(families.c.ends_at < before)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    gone = families.delete().where(families.c.id.in_(old)).returning(families.c.id)
    return len(session.scalars(gone).all())
