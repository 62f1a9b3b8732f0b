"""Answers about deadlines: how one came about, and for which reasons it may be held."""

from sqlalchemy import select

from contracts.cases.deadlines import (
    DeadlineExplanation,
    DeadlineExplanationView,
    PauseReasons,
    PauseReasonView,
)
from kernel.base.errors import NotFound
from kernel.work.call import Call
from kernel.work.operations import query
from services.cases import rules
from services.cases.clocks import calendars
from services.cases.deadlines import explaining
from services.cases.dossiers.queries import visible
from services.cases.dossiers.tables import dossiers


@query(DeadlineExplanation)
def deadline_explanation(call: Call, question: DeadlineExplanation) -> DeadlineExplanationView:
    """How the due time of a dossier came about."""
    wanted = select(dossiers).where(dossiers.c.id == question.dossier_id, visible(call.reach()))
    row = call.session.execute(wanted).mappings().first()
    if row is None:
        raise NotFound("dossier_not_found", "dossierId")
    if row["clock"] is None:
        raise NotFound("dossier_has_no_due_time", "dossierId")
    counting = calendars.counting(call, row["rules_on"], row["calendar_version"])
    return explaining.explained(row, counting, call.now().replace(microsecond=0))


@query(PauseReasons)
def pause_reasons(call: Call, question: PauseReasons) -> list[PauseReasonView]:
    """The closed list on that day."""
    known = rules.pause_reasons(question.on or call.today()).values()
    names = ("code", "vi", "en", "basis")
    return [PauseReasonView(**{name: each[name] for name in names}) for each in known]
