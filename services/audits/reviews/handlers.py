"""The management review: planned, its inputs frozen, decided, concluded."""

from uuid import UUID

from contracts.audits import reviews as c
from kernel.base import wire
from kernel.base.errors import Invalid
from kernel.base.ids import new_id
from kernel.work.call import Call
from kernel.work.operations import command
from org.acting import acted
from services.audits import rules
from services.audits.register.opening import loaded
from services.audits.register.repository import Register
from services.audits.reviews import inputs as figures
from services.audits.reviews import queries
from services.audits.reviews.domain import Review, ReviewTask


@command(c.PlanReview)
def plan_review(call: Call, command: c.PlanReview) -> c.ReviewView:
    """Plan the review of a period."""
    call.require(agency_id=command.agency_id)
    review = Review(
        id=new_id(),
        agency_id=command.agency_id,
        title=command.title,
        period_from=command.period_from,
        period_to=command.period_to,
        held_on=command.held_on,
        changes=1,
    )
    review.check()
    Register(call).add(review)
    return _shown(call, review)


@command(c.FreezeInputs)
def freeze_inputs(call: Call, command: c.FreezeInputs) -> c.ReviewView:
    """Assemble every input of 9.3.2 from live figures and notes, and keep it as it is now."""
    review = _loaded(call, command.review_id, command.expected_version)
    known = {each["clause"] for each in rules.review_inputs()}
    notes = {note.clause: note.text for note in command.notes}
    if strange := sorted(set(notes) - known):
        raise Invalid("input_unknown", "notes", clause=strange[0], known=", ".join(sorted(known)))
    review.freeze([_input(call, review, each, notes) for each in rules.review_inputs()], at=call.now())
    return _shown(call, review)


@command(c.RecordDecision)
def record_decision(call: Call, command: c.RecordDecision) -> c.ReviewView:
    """A decision, as a task for somebody of the agency."""
    review = _loaded(call, command.review_id, command.expected_version)
    today = call.today()
    if command.owner_id not in Register(call).staff_of(review.agency_id, today, today):
        raise Invalid("owner_not_of_agency", "ownerId")
    task = ReviewTask(
        id=new_id(),
        review_id=review.id,
        decision=command.decision,
        owner_id=command.owner_id,
        due_on=command.due_on,
        decided_at=call.now(),
    )
    review.decide(task, today=today, by=acted(call))
    return _shown(call, review)


@command(c.CompleteTask)
def complete_task(call: Call, command: c.CompleteTask) -> c.ReviewView:
    """Done, says its owner."""
    review = _loaded(call, command.review_id, command.expected_version)
    review.complete(command.task_id, note=command.note, by=acted(call))
    return _shown(call, review)


@command(c.ConcludeReview)
def conclude_review(call: Call, command: c.ConcludeReview) -> c.ReviewView:
    """The head concludes."""
    review = _loaded(call, command.review_id, command.expected_version)
    review.conclude(conclusion=command.conclusion, is_effective=command.is_effective, by=acted(call))
    return _shown(call, review)


def _input(call: Call, review: Review, wanted: object, notes: dict[str, str]) -> c.ReviewInputView:
    assert isinstance(wanted, dict)
    facts: dict[str, object] = {}
    if name := wanted.get("figures"):
        facts |= figures.for_review(call.session, name, review)
    if note := notes.get(wanted["clause"]):
        facts["note"] = note
    return c.ReviewInputView(
        clause=wanted["clause"],
        title=wanted["title"],
        title_en=wanted["title_en"],
        facts=wire.encode(facts).decode(),
    )


def _loaded(call: Call, id: UUID, version: int) -> Review:
    return loaded(call, Review, id, version, code="review_not_found", field="reviewId")


def _shown(call: Call, review: Review) -> c.ReviewView:
    call.session.flush()
    return queries.review_view(review)
