"""Dossiers follow an agency that ended to the one that goes on: open ones first, some at a time."""

from sqlalchemy import Select, func, select

from contracts.cases.succession import HeldByAgencies
from contracts.succession import HeldCount, HeldKind
from kernel.life.crash import crash_point
from kernel.work.call import Call
from kernel.work.operations import query
from org import succession
from services.cases.dossiers.repository import DossierRepository
from services.cases.dossiers.tables import dossiers, parties
from services.cases.succession.domain import follow

BATCH = 100
DUE = succession.due("parties p where p.agency_id = h.agency_id")


def follow_agencies(call: Call) -> int:
    """Let the next dossiers follow; how many. Those another process has at hand are left to it."""
    ended = succession.still_with(call.session, parties.c.agency_id)
    if ended is None:
        return 0
    known = succession.heirs(call.session)
    heirs, repository = known.final, DossierRepository(call)
    found = repository.of_agency(ended, BATCH)
    for dossier in found:
        follow(dossier, heirs)
    succession.because(call, known, ended)
    repository.write_derived(found)
    crash_point("follow.before_commit")
    return len(found)


@query(HeldByAgencies)
def held_by_agencies(call: Call, question: HeldByAgencies) -> list[HeldCount]:
    """What these agencies keep of dossiers, and what steps others' dossiers have with them."""
    succession.expect_reached(call, question.agency_ids)
    kept = call.session.execute(_kept(question)).one()
    elsewhere = call.session.scalar(_elsewhere(question)) or 0
    kinds = (HeldKind.DOSSIERS, HeldKind.OPEN_DOSSIERS, HeldKind.OVERDUE_DOSSIERS)
    counted = [*zip(kinds, kept, strict=True), (HeldKind.STEPS_ELSEWHERE, elsewhere)]
    return [HeldCount(kind=kind, count=count) for kind, count in counted]


def _kept(question: HeldByAgencies) -> Select[tuple[int, int, int]]:
    is_open = dossiers.c.is_open
    counts = func.count(), func.count().filter(is_open), func.count().filter(is_open, dossiers.c.is_overdue)
    return select(*counts).where(dossiers.c.agency_id.in_(question.agency_ids))


def _elsewhere(question: HeldByAgencies) -> Select[tuple[int]]:
    """Open dossiers of other agencies in which these have a part."""
    theirs = select(func.count(parties.c.dossier_id.distinct())).join(
        dossiers, dossiers.c.id == parties.c.dossier_id
    )
    mine = parties.c.agency_id.in_(question.agency_ids)
    return theirs.where(mine, parties.c.is_open, dossiers.c.agency_id.not_in(question.agency_ids))
