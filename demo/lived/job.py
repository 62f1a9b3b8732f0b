"""The load as a whole: phase by phase, a few agencies at once, each part of each agency once."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date

import httpx

from client.gateway import Gateway, Refused
from demo.lived import papers, plan, quality, register, registered, reviewing
from demo.lived.hands import People
from demo.lived.journal import WHOLE, Journal, Progress
from demo.lived.papers import Stuck
from demo.lived.plan import AgencyPlan
from demo.province.load import WITH_ACCOUNTS
from deploy.platform.platform import Platform
from deploy.speech import complain

AT_ONCE = 4
"""Agencies worked on at once: more would be no faster on two cores and slower for a visitor."""
SMALL = ("H42.008", "H42.013", "H42.14329")
TRIES = 4
"""How often a request is sent that gets no answer: a process that is started again is back by then."""
Step = Callable[[AgencyPlan], Awaitable[None]]


async def run(platform: Platform, *, small: bool) -> None:
    """Everything that is not there yet."""
    limits = httpx.Limits(max_connections=2 * AT_ONCE)
    async with httpx.AsyncClient(base_url=platform.gateway_url, timeout=60, limits=limits) as http:
        anybody = Gateway(http, tries=TRIES)
        people = People(anybody, platform.passwords)
        agencies = people.agencies = await anybody.agencies()
        admin = await people.admin()
        journal = Journal(platform)
        began = journal.begin(date.fromisoformat(admin.me["businessToday"]))
        known = [each for each in plan.agencies() if each.code in agencies]
        chosen = [each for each in known if not small or each.code in SMALL]
        plans = [plan.of(each, began) for each in sorted(chosen, key=lambda a: a.code not in WITH_ACCOUNTS)]
        async with Progress(platform) as progress:
            work = _Load(people, plans, began, journal, progress)
            await work.all_of_it()
            if work.failures:
                raise Stuck(", ".join(sorted(work.failures)))
            if not small:
                journal.done(*WHOLE)
            progress.finished()


def in_words(failure: Exception) -> str:
    """What the failure says; its kind where it says nothing, as a timeout does."""
    return str(failure) or type(failure).__name__


@dataclass(frozen=True)
class _Load:
    """One run of the load."""

    people: People
    plans: list[AgencyPlan]
    began: date
    journal: Journal
    progress: Progress
    failures: dict[str, Exception] = field(default_factory=dict)

    async def all_of_it(self) -> None:
        """The order matters: nobody is audited before they work, and a review looks at what came before."""
        await self._phase("documents", self._documents)
        await self._phase("dossiers", self._dossiers)
        await self._audits()
        await self._phase("nonconformities", self._nonconformities)
        await self._phase("reviews", self._review)

    async def _documents(self, planned: AgencyPlan) -> None:
        # Not a phase before: while passwords of one agency are hashed, another's documents are issued.
        await self.people.open_accounts(planned.agency)
        await papers.issue_documents(self.people, planned)

    async def _dossiers(self, planned: AgencyPlan) -> None:
        await papers.sync_dossiers(self.people, planned)
        if registered.is_one(planned):
            await registered.receive(self.people, planned, self.began)

    async def _nonconformities(self, planned: AgencyPlan) -> None:
        await register.treat_nonconformities(self.people, planned.agency, self.began)

    async def _audits(self) -> None:
        audits = {each.agency.code: self._audit_of(each) for each in self.plans}
        held = [audit for audit in audits.values() if audit is not None]
        programmes = await reviewing.approve_programmes(self.people, quality.years(held))

        async def audit(planned: AgencyPlan) -> None:
            mine = audits[planned.agency.code]
            if mine is not None:
                programme = programmes[mine.planned_from.year]
                await reviewing.hold_audit(self.people, planned.agency, mine, programme)

        await self._phase("audits", audit)

    def _audit_of(self, planned: AgencyPlan) -> quality.AuditPlan | None:
        codes = [each.code for each in planned.procedures]
        return quality.audit(planned.agency, codes, self.began)

    async def _review(self, planned: AgencyPlan) -> None:
        mine = quality.review(planned.agency, self.began)
        if mine is not None:
            await reviewing.hold_review(self.people, planned.agency, mine)

    async def _phase(self, part: str, step: Step) -> None:
        """The step for every agency that has not had it. One that fails is left out; the others go on."""
        waiting = [each for each in self.plans if not self.journal.is_done(part, each.agency.code)]
        self.progress.phase(f"lived_phase_{part}", len(self.plans), len(self.plans) - len(waiting))
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(planned: AgencyPlan) -> None:
            async with gate:
                if planned.agency.code in self.failures:
                    return
                try:
                    await step(planned)
                except (Refused, Stuck, RuntimeError, httpx.HTTPError) as failure:
                    self.failures[planned.agency.code] = failure
                    complain("lived_agency_failed", agency=planned.agency.code, what=in_words(failure))
                    return
            self.journal.done(part, planned.agency.code)
            self.progress.step()

        async with asyncio.TaskGroup() as group:
            for planned in waiting:
                group.create_task(one(planned))
        self.progress.phase_ended()
