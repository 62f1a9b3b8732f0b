"""Act 10: the province's query before and after, and the same query asked by a commune."""

from typing import Any

from client.gateway import Gateway, there
from client.generated.agencies import Standings
from demo.story.cast import COMMUNE, DEPARTMENT, PROVINCE, Stage, until
from demo.story.reporting import chapter, expect, report

WANTED = {
    "proceduresInForce": 1,
    "dossiersReceived": 5,
    "dossiersFinished": 5,
    "dossiersOnTime": 2,
    "dossiersLate": 3,
    "dossiersOverdueOpen": 0,
    "openNonconformities": 1,
    "lastAuditOn": "2026-10-21",
    "lastReviewOn": "2026-11-02",
}


async def standings(caller: Gateway) -> dict[str, Standings]:
    """How the agencies stand that this person reaches, by code."""
    return {there(row["agency"])["code"]: row for row in await caller.standings()}


async def comparing(stage: Stage) -> None:
    """10. One department has worked, and the rest of the province stands as before."""
    chapter("story_10")
    head = await stage.hand(PROVINCE, "head")

    async def settled() -> Any:
        found = await standings(head)
        return found if found[DEPARTMENT]["dossiersFinished"] == WANTED["dossiersFinished"] else None

    after = await until(settled, "standings")
    report("story_before", **stage.before[DEPARTMENT])
    theirs_now: dict[str, Any] = {**after[DEPARTMENT]}
    expect("story_after", {name: theirs_now[name] for name in WANTED}, WANTED, **WANTED)
    others, before = ({**rows} for rows in (after, stage.before))
    del others[DEPARTMENT], before[DEPARTMENT]
    expect("story_others", others, before, count=len(others))
    communes = [code for code, row in after.items() if there(row["agency"])["kind"] == "commune"]
    found = set(after) == set(await head.agencies())
    expect("story_whole_province", found, True, agencies=len(after), communes=len(communes))
    theirs = await standings(await stage.hand(COMMUNE, "secretary"))
    name = there(theirs[COMMUNE]["agency"])["shortName"] if COMMUNE in theirs else ""
    expect("story_commune", list(theirs), [COMMUNE], agency=name)
