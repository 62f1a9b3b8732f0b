"""The steps of a procedure: whether they hold together and stay within the legal time."""

from collections.abc import Sequence

from contracts.documents.procedures import Duration, DurationUnit, ProcedureContent, ProcedureStep
from kernel.base.errors import Invalid

_FAMILY = {DurationUnit.WORKING_DAY: "working", DurationUnit.WORKING_HOUR: "working"}


def check(content: ProcedureContent, hours_per_day: float) -> None:
    """Refuse steps that contradict each other or together take longer than the law allows.

    Several steps may share one duration, which counts once; "giờ hành chính" counts nothing.
    """
    _check_numbering(content.steps)
    _check_sharing(content.steps)
    _check_returns(content.steps)
    if content.legal_time is None:
        return
    took, allowed = total(content.steps, hours_per_day), content.legal_time
    if took is None or not content.steps:
        return
    if _family(took.unit) != _family(allowed.unit):
        raise Invalid("step_units_do_not_fit", "procedure.legalTime", unit=allowed.unit, steps=took.unit)
    if in_hours(took, hours_per_day) > in_hours(allowed, hours_per_day):
        raise Invalid(
            "steps_exceed_legal_time",
            "procedure.steps",
            took=f"{took.amount:g} {took.unit}",
            allowed=f"{allowed.amount:g} {allowed.unit}",
        )


def total(steps: Sequence[ProcedureStep], hours_per_day: float) -> Duration | None:
    """The sum of the steps, in days unless some are in hours; None when none has a duration.

    Working time and calendar days have no common measure: mixing them is refused.
    """
    counted = [s.duration for s in steps if s.duration and s.duration.unit is not DurationUnit.OFFICE_HOURS]
    if not counted:
        return None
    if len({_family(each.unit) for each in counted}) > 1:
        raise Invalid("step_units_mixed", "procedure.steps")
    units = {each.unit for each in counted}
    unit = units.pop() if len(units) == 1 else DurationUnit.WORKING_HOUR
    if unit is DurationUnit.WORKING_HOUR:
        return Duration(amount=sum(in_hours(each, hours_per_day) for each in counted), unit=unit)
    return Duration(amount=sum(each.amount for each in counted), unit=unit)


def in_hours(duration: Duration, hours_per_day: float) -> float:
    """A duration measured in hours; a calendar day keeps its own measure, and is compared with its like."""
    return duration.amount * hours_per_day if duration.unit is DurationUnit.WORKING_DAY else duration.amount


def _family(unit: DurationUnit) -> str:
    return _FAMILY.get(unit, "calendar")


def _check_numbering(steps: Sequence[ProcedureStep]) -> None:
    for place, step in enumerate(steps, start=1):
        if step.seq != place:
            raise Invalid("step_out_of_sequence", f"procedure.steps.{place - 1}.seq", expected=place)


def _check_sharing(steps: Sequence[ProcedureStep]) -> None:
    for place, step in enumerate(steps):
        if step.shares_duration_of is None:
            continue
        field = f"procedure.steps.{place}.sharesDurationOf"
        holder = steps[step.shares_duration_of - 1] if 0 < step.shares_duration_of <= place else None
        if holder is None or holder.duration is None:
            raise Invalid("step_shares_nothing", field, step=step.number)
        if step.duration is not None:
            raise Invalid("step_has_two_durations", field, step=step.number)


def _check_returns(steps: Sequence[ProcedureStep]) -> None:
    for place, step in enumerate(steps):
        if step.returns_to is not None and step.returns_to not in {s.number for s in steps[:place]}:
            field = f"procedure.steps.{place}.returnsTo"
            raise Invalid("step_returns_nowhere", field, step=step.number, target=step.returns_to)
