"""Carrying out what the rows of an import were judged to do."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select

from contracts.directory.delegations import DelegationKind
from contracts.directory.staff import RecordFact
from kernel.base.ids import new_id
from kernel.work.call import Call
from services.directory.imports.domain.staff_import import StaffImport
from services.directory.imports.judging import Judged, JudgedPerson
from services.directory.resources import Resources
from services.directory.roles.domain.role_grant import PersonalGrant
from services.directory.roles.handlers.delegating import end_acting
from services.directory.roles.queries import RoleGrantRepository
from services.directory.roles.tables import delegations
from services.directory.staff.domain.person import Editor, Person, record_changed
from services.directory.staff.domain.position import Position
from services.directory.staff.repository import PersonRepository, PositionRepository


class Appending:
    """One import being written."""

    def __init__(self, call: Call, batch: StaffImport, *, is_root: bool) -> None:
        resources: Resources = call.resources
        self.call, self.session, self.vault = call, call.session, resources.identity
        self.batch_id, self.basis = batch.id, batch.file_name
        self.editor = Editor(person_id=batch.requested_by, agency_id=batch.agency_id)
        self.is_root = is_root
        self.people, self.positions = PersonRepository(self.session), PositionRepository(self.session)
        self.grants = RoleGrantRepository(self.session)
        acting = select(delegations.c.id).where(
            delegations.c.kind == DelegationKind.ACTING, delegations.c.valid_to > call.today()
        )
        # Asked once: it is asked for each appointment only where anybody acts anywhere.
        self.is_anybody_acting = self.session.scalar(acting.limit(1)) is not None

    def stretch(self, judged: Sequence[JudgedPerson]) -> None:
        """The people, then what they hold: a holding refers to a person who is there."""
        known = [(self._person(each), each) for each in judged]
        self.session.flush()
        for person, each in known:
            for row in each.rows:
                if row.agency_id is not None:
                    self._place(person, row)

    def _person(self, judged: JudgedPerson) -> Person:
        known = judged.person
        home, since = self._home(judged)
        if known is None:
            first = judged.rows[0].row
            known = Person.register(
                id=new_id(),
                full_name=first.full_name,
                email=first.email,
                phone=first.phone,
                staff_number=first.staff_number,
                home_agency_id=home,
                home_since=since,
            )
            self.people.add(known)
        elif judged.changes or (known.home_agency_id is None and home is not None):
            known = self.people.get(known.id, lock=True)
            known.amend(dict(judged.facts), by=self.editor)
            if home is not None and since is not None:
                known.take_first_home(home, since)
        if judged.identity is not None:
            key, cipher, _ = judged.identity
            number = self.vault.open(key, cipher, self.batch_id)
            assert number is not None, "a key of identity numbers was removed during an import"
            sealed = self.vault.seal(number, known.id)
            now, is_new = self.call.real_now(), judged.person is None
            known.record_identity(sealed.key, sealed.cipher, sealed.index, now, by=self.editor, is_new=is_new)
        return known

    def _home(self, judged: JudgedPerson) -> tuple[UUID | None, date | None]:
        """The agency that keeps the person: of their first position, else the importer's own.

        An importer who reaches the whole tree leaves them to the province.
        """
        for each in judged.rows:
            if each.agency_id is not None and each.row.title:
                return each.agency_id, each.row.held_from
        return (None, None) if self.is_root else (self.editor.agency_id, self.call.today())

    def _place(self, person: Person, judged: Judged) -> None:
        if not judged.row.title:
            self._grant(person, judged)
        elif judged.position is None:
            self._appoint(person, judged)
        elif judged.roles:
            position = self.positions.account_for(judged.position)
            position.adjust({}, judged.roles, self.call.today())

    def _appoint(self, person: Person, judged: Judged) -> None:
        assert judged.agency_id is not None
        begins, ends = judged.span
        position = Position.appoint(
            id=new_id(),
            agency_id=judged.agency_id,
            person_id=person.id,
            title=judged.row.title or "",
            held_from=begins,
            held_to=ends,
            roles=judged.roles,
        )
        if person.home_agency_id != judged.agency_id:
            changed = record_changed(person.id, person.email, [RecordFact.POSITION], self.editor)
            position.record(changed)
        self.positions.add(position)
        if self.is_anybody_acting:
            end_acting(self.call, position)

    def _grant(self, person: Person, judged: Judged) -> None:
        begins, ends = judged.span
        for role in judged.roles:
            given = PersonalGrant.give(
                id=new_id(),
                person_id=person.id,
                role=role,
                valid_from=begins,
                valid_to=ends,
                basis=self.basis,
            )
            self.grants.add(given)
