"""An agency's nonconformities: waited for until all have arisen, then worked on, each as far as planned."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any

from client.gateway import Gateway, there
from client.generated.dossiers import DossiersOf
from client.generated.nonconformities import NonconformitiesOf, NonconformityNow
from contracts.messages import text
from demo.lived import quality
from demo.lived.hands import People
from demo.lived.papers import PATIENCE, PAUSE, Stuck, once
from demo.lived.quality import Stage, Treatment
from demo.province.province import Agency

OLD = timedelta(days=60)
MONTH = re.compile(r"(\d\d)/(\d{4})")
OF_THE_WHOLE = text("whole_procedure").vi
Now = NonconformityNow | NonconformitiesOf
Change = Callable[..., Awaitable[NonconformityNow]]


async def treat_nonconformities(people: People, agency: Agency, began: date) -> None:
    """What lateness opened and auditors found is worked on; a few noticed by the staff are entered too."""
    hands, agency_id = await people.hands(agency), people.agencies[agency.code]
    if (noticed := quality.raised_by_hand(agency)) is not None:
        clause, severity, words = noticed
        await hands["secretary"].raise_nonconformity(
            request_id=once("noticed", agency.code),
            agency_id=agency_id,
            severity="MAJOR" if severity == "major" else "MINOR",
            description=words,
            clause=clause,
        )
    for entry in await _all_arisen(hands["secretary"], agency_id):
        treatment = quality.treatment(
            agency,
            _key(entry),
            is_old=_is_old(entry, began),
            is_repeated=entry["needsCorrectiveAction"],
            clause=None if entry["source"] == "OVERDUE" else entry["clause"],
        )
        await _treat(hands, entry, treatment, began)


async def _all_arisen(caller: Gateway, agency_id: str) -> list[NonconformitiesOf]:
    """The register once every lateness is in it: one closed too early would be opened anew by the next.

    What was handed over in bulk has no steps here, so its lateness, and nothing else, stands under the
    procedure as a whole. Dossiers that go from step to step are late at a step, whenever that comes about.
    """
    handed_over = [each for each in await caller.dossiers_of(agency_id=agency_id) if each["isSynced"]]
    expected = sum(_is_late_for(each, agency_id) for each in handed_over)
    for _ in range(PATIENCE):
        entries = await caller.nonconformities_of(agency_id=agency_id)
        counted = sum(entry["occurrences"] for entry in entries if OF_THE_WHOLE in entry["description"])
        if counted >= expected:
            return entries
        await asyncio.sleep(PAUSE)
    raise Stuck(f"{agency_id}: {counted}/{expected}")


def _is_late_for(dossier: DossiersOf, agency_id: str) -> bool:
    """Whether the register of this agency, which decides it, has an entry for it."""
    if there(dossier["competentAgency"])["id"] != agency_id or dossier["status"] == "STOPPED":
        return False
    return bool(dossier["isOverdue"] or dossier["outcome"] == "LATE")


def _key(entry: NonconformitiesOf) -> str:
    """What the entry is about, not the number it got: numbers go by the order of hearing."""
    if entry["source"] != "OVERDUE":
        return str(entry["description"])
    month = MONTH.search(entry["description"])
    return f"{entry['document'] and entry['document']['code']} {month.group() if month else ''}"


def _is_old(entry: NonconformitiesOf, began: date) -> bool:
    if entry["source"] != "OVERDUE":
        return bool(entry["source"] == "FINDING")
    month = MONTH.search(entry["description"])
    return month is not None and date(int(month[2]), int(month[1]), 1) < began - OLD


async def _treat(
    hands: dict[str, Gateway], entry: NonconformitiesOf, treatment: Treatment, began: date
) -> None:
    """Step by step from where it stands; whatever an interrupted run did already is seen in its state."""
    acting = treatment.stage > Stage.CORRECTED and (
        entry["needsCorrectiveAction"] or treatment.stage is not Stage.CLOSED
    )
    state: Now = entry

    async def do(part: str, command: Change, **given: Any) -> None:
        nonlocal state
        about = {"nonconformity_id": state["id"], "expected_version": state["version"]}
        state = await command(hands[part], **about, **given)

    def action(wanted: str) -> dict[str, Any]:
        return {"action_id": next(each["id"] for each in state["actions"] if each["state"] == wanted)}

    if state["state"] == "CLOSED":
        return
    if treatment.stage >= Stage.CORRECTED and state["correction"] is None:
        await do("secretary", Gateway.record_correction, correction=treatment.correction)
    if acting and state["cause"] is None:
        await do("secretary", Gateway.record_cause, cause=treatment.cause)
    if acting and treatment.stage >= Stage.PLANNED and not state["actions"]:
        owner = hands["owner"].me["person"]["id"]
        due = began + treatment.due_in
        await do("secretary", Gateway.plan_action, description=treatment.action, owner_id=owner, due_on=due)
    if acting and treatment.stage >= Stage.DONE and _has(state, "PLANNED"):
        await do("owner", Gateway.complete_action, **action("PLANNED"), note=treatment.done_note)
    if acting and treatment.stage >= Stage.VERIFIED and _has(state, "DONE"):
        note = {"is_effective": True, "note": treatment.effective_note}
        await do("secretary", Gateway.verify_action, **action("DONE"), **note)
    if treatment.stage is Stage.CLOSED:
        await do("head", Gateway.close_nonconformity)


def _has(entry: Now, state: str) -> bool:
    return any(each["state"] == state for each in entry["actions"])
