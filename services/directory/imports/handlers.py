"""Importing people: receiving rows, judging them in a job, applying them in one transaction or not at all."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from contracts.directory import imports as c
from contracts.directory.roles import HeldRole, Role
from contracts.messages import text
from kernel.base import wire
from kernel.base.errors import Conflict, NotFound, Refusal
from kernel.base.ids import NOBODY, new_id
from kernel.life.crash import crash_point
from kernel.trust.identity import Actor
from kernel.work import jobs
from kernel.work.call import Call
from kernel.work.jobs import Progress
from kernel.work.operations import command
from kernel.work.unit_of_work import decided, work_of
from services.directory.agencies.repository import AgencyRepository
from services.directory.imports import queries as staff_imports
from services.directory.imports.appending import Appending
from services.directory.imports.domain.staff_import import StaffImport
from services.directory.imports.judging import Judged, JudgedPerson, Judging
from services.directory.imports.queries import ImportRepository
from services.directory.policy import RACES
from services.directory.resources import Resources

CHECK, APPLY = "check_people_import", "apply_people_import"
PEOPLE_AT_ONCE = 200


class NotAsJudged(Exception):
    """A row cannot be carried out any more: what it was judged against has changed."""

    def __init__(self, line: int | None, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.line, self.refusal = line, refusal


@command(c.BeginPeopleImport)
def begin_people_import(call: Call, command: c.BeginPeopleImport) -> c.PeopleImportView:
    """A batch for rows that follow."""
    call.require(agency_id=call.actor.agency_id or NOBODY)
    batch = StaffImport(
        id=new_id(),
        agency_id=call.actor.agency_id or NOBODY,
        file_name=command.file_name,
        rows=command.rows,
        requested_by=call.actor.person_id or NOBODY,
        requested_as=call.actor.position_id,
        requested_at=call.now(),
        granted_with=_granted_with(call),
    )
    ImportRepository(call.session).add(batch)
    return _view(call, batch)


@command(c.AddImportedRows, once=False)
def add_imported_rows(call: Call, command: c.AddImportedRows) -> c.PeopleImportView:
    """Keep a stretch of rows; identity numbers are sealed before anything is written."""
    batch = _mine(call, command.import_id)
    batch.must_be(c.ImportState.OPEN)
    repository = ImportRepository(call.session)
    resources: Resources = call.resources
    repository.keep(_kept(resources, batch.id, row) for row in {r.line: r for r in command.rows}.values())
    if (received := repository.received(batch.id)) > batch.rows:
        raise Conflict("import_too_many_rows", "rows", rows=batch.rows)
    call.leave_trail(
        subject_type="StaffImport",
        subject_id=batch.id,
        agency_id=batch.agency_id,
        after={"received": received},
    )
    return _view(call, batch)


@command(c.CheckPeopleImport)
def check_people_import(call: Call, command: c.CheckPeopleImport) -> c.PeopleImportView:
    """Put the judging into the queue of jobs."""
    batch = _mine(call, command.import_id)
    _must_rest(call, batch, c.ImportState.OPEN, c.ImportState.CHECKED)
    received = ImportRepository(call.session).received(batch.id)
    job_id = jobs.enqueue(call, CHECK, {"import_id": batch.id}, agency_id=batch.agency_id, total=batch.rows)
    batch.check(job_id, received, _granted_with(call))
    return _view(call, batch)


@command(c.ApplyPeopleImport)
def apply_people_import(call: Call, command: c.ApplyPeopleImport) -> c.PeopleImportView:
    """Put the applying into the queue of jobs."""
    batch = _mine(call, command.import_id)
    _must_rest(call, batch, c.ImportState.CHECKED, stopped=(c.ImportState.APPLYING,))
    if batch.version != command.expected_version:
        raise Conflict("changed_meanwhile", "expectedVersion")
    job_id = jobs.enqueue(call, APPLY, {"import_id": batch.id}, agency_id=batch.agency_id, total=batch.rows)
    batch.apply(job_id, ImportRepository(call.session).received(batch.id), _granted_with(call))
    return _view(call, batch)


# -- the jobs' steps -----------------------------------------------------------------------------


def judge_step(call: Call, arguments: Mapping[str, Any], checkpoint: Any) -> Progress:
    """Judge the rows of the next people; the verdicts and the checkpoint are one transaction."""
    repository = ImportRepository(call.session)
    batch = repository.get(wire.load(UUID, arguments["import_id"]))
    begun = checkpoint or {"after": None, "done": 0}
    if batch.state is not c.ImportState.CHECKING:
        return Progress(done=begun["done"], total=batch.rows, checkpoint=begun, finished=True)
    staged = repository.stretch(batch.id, begun["after"], PEOPLE_AT_ONCE)
    if not staged:
        batch.checked(repository.counts(batch.id))
        return Progress(done=begun["done"], total=batch.rows, checkpoint=begun, finished=True)
    found = Judging(call, batch).stretch(staged)
    repository.judge(batch.id, [_verdict(person, each) for person in found for each in person.rows])
    done = {"after": staged[-1].staff_number, "done": begun["done"] + len(staged)}
    return Progress(done=done["done"], total=batch.rows, checkpoint=done, finished=False)


def apply_step(call: Call, arguments: Mapping[str, Any], checkpoint: Any) -> Progress:
    """Apply the whole import in one step: killed in the middle, nothing was done and it is done again."""
    batch = ImportRepository(call.session).get(wire.load(UUID, arguments["import_id"]))
    rows = batch.rows
    if batch.state is not c.ImportState.APPLYING:
        return Progress(done=rows, total=rows, checkpoint=None, finished=True)
    _in_the_name_of(call, batch)
    failure: NotAsJudged | None = None
    try:
        with call.session.begin_nested():
            _carry_out(call, batch)
    except NotAsJudged as no:
        failure = no
    except StaleDataError:
        failure = NotAsJudged(None, Conflict("changed_meanwhile"))
    except IntegrityError as error:
        if (why := decided(error, RACES)) is None:
            raise
        failure = NotAsJudged(None, why)
    if failure is not None:
        work_of(call.session).forget()
        call.session.expunge_all()
    batch = ImportRepository(call.session).get(wire.load(UUID, arguments["import_id"]))
    if failure is None:
        batch.applied(call.now())
    else:
        batch.fail(failure.line, failure.refusal)
    crash_point("import.before_commit")
    return Progress(done=rows if failure is None else 0, total=rows, checkpoint=None, finished=True)


def _carry_out(call: Call, batch: StaffImport) -> None:
    """Person by person, judged anew: what was judged a while ago may have changed."""
    # An agency that ends meanwhile would keep people whom nobody passed on.
    AgencyRepository(call.session).hold_tree()
    repository, judging, after = ImportRepository(call.session), Judging(call, batch), None
    appending = Appending(call, batch, is_root=judging.is_root)
    import_id = batch.id
    try:
        batch.must_be_whole(repository.received(import_id))
    except Conflict as no:
        raise NotAsJudged(None, no) from no
    while staged := repository.stretch(import_id, after, PEOPLE_AT_ONCE):
        judged = judging.stretch(staged)
        for each in (row for person in judged for row in person.rows):
            if each.row.problems:
                raise NotAsJudged(each.row.line, each.row.problems[0])
        appending.stretch(judged)
        after = staged[-1].staff_number
        # Stretch by stretch, or 100,000 rows would all be held until the end.
        work_of(call.session).write_events_and_trail(call.session)
        call.session.expunge_all()


def _in_the_name_of(call: Call, batch: StaffImport) -> None:
    """The trail names who asked for it, and the job that did it."""
    work = work_of(call.session)
    asked = Actor(
        kind="person",
        person_id=batch.requested_by,
        position_id=batch.requested_as,
        agency_id=batch.agency_id,
        cause=work.origin.actor.cause,
    )
    work.origin = replace(work.origin, actor=asked)


def _verdict(person: JudgedPerson, judged: Judged) -> dict[str, Any]:
    notes = [wire.dump(_note(column, code)) for column, code in judged.row.notes]
    problems = [wire.dump(_remark(no)) for no in judged.row.problems]
    verdict = person.verdict(judged).value
    return {"line": judged.row.line, "verdict": verdict, "problems": problems, "notes": notes}


def _remark(no: Refusal) -> c.RowRemark:
    return c.RowRemark(
        column=no.field or "",
        code=no.code,
        message=no.message.vi,
        message_en=no.message.en,
        remedy=no.remedy.vi if no.remedy else None,
        remedy_en=no.remedy.en if no.remedy else None,
    )


def _note(column: str, code: str) -> c.RowRemark:
    said = text(code)
    return c.RowRemark(
        column=column, code=code, message=said.vi, message_en=said.en, remedy=None, remedy_en=None
    )


def _kept(resources: Resources, import_id: UUID, row: c.PersonRow) -> dict[str, Any]:
    """A row as it waits to be judged: of the identity number nothing that could be read."""
    number = "".join(row.identity_number.split()).lstrip("'")
    is_number = number.isascii() and number.isdigit() and len(number) in (9, 12)
    sealed = resources.identity.seal(number, import_id) if is_number else None
    facts = {**wire.dump(row), "identity_number": ""}
    return {
        "import_id": import_id,
        "line": row.line,
        "staff_number": " ".join(row.staff_number.split()).upper(),
        "facts": facts,
        "faults": ["import_wrong_form"] if number and not is_number else [],
        "identity_key": sealed.key if sealed else None,
        "identity_cipher": sealed.cipher if sealed else None,
        "identity_index": sealed.index if sealed else None,
        "problems": [],
        "notes": [],
    }


def _must_rest(
    call: Call, batch: StaffImport, *states: c.ImportState, stopped: Sequence[c.ImportState] = ()
) -> None:
    """In one of the states; or its work stopped for good, and may be asked for anew."""
    working = stopped or (c.ImportState.CHECKING, c.ImportState.APPLYING)
    state = staff_imports.job_state(call.session, batch.job_id)
    if batch.state in working and state is not None and staff_imports.is_stopped(state):
        return
    batch.must_be(*states)


def _granted_with(call: Call) -> list[HeldRole]:
    return [
        HeldRole(role=Role(held.role), agency_id=held.agency_id, with_subtree=held.with_subtree)
        for held in call.actor.roles
    ]


def _mine(call: Call, import_id: UUID) -> StaffImport:
    batch = ImportRepository(call.session).get(import_id)
    if batch.requested_by != call.actor.person_id:
        raise NotFound("import_not_found", "importId")
    call.require(agency_id=batch.agency_id)
    return batch


def _view(call: Call, batch: StaffImport) -> c.PeopleImportView:
    call.session.flush()
    return staff_imports.view(call.session, batch)
