"""What the tests of things that follow share: the act as the directory publishes it, and the sweep turned."""

from datetime import date
from uuid import uuid4

from contracts.directory import events
from contracts.directory import reorganisations as r
from kernel.run.process import sweep_once
from org import succession

DAY = date(2026, 7, 1)
BASIS = r.LegalBasis(
    number="1104/NQ-UBTVQH15", issued_on=date(2026, 6, 1), issued_by="UBTVQH", subject="Sắp xếp xã"
)


def an_act(ended, heir, day=DAY):
    """A merge of these agencies into that one."""
    return events.AgenciesReorganised(
        reorganisation_id=uuid4(),
        effective_on=day,
        basis=BASIS,
        created=(heir,),
        ended=tuple(ended),
        successions=tuple(
            r.PlannedSuccession(
                predecessor_id=each, successor_id=heir, kind=r.SuccessionKind.CONSOLIDATION, goes_on=False
            )
            for each in ended
        ),
        continuations=tuple(r.Continuation(agency_id=each, heir_id=heir) for each in ended),
    )


def learn(database, event):
    """Project the act as the reaction does."""
    with database.sessions() as session:
        succession.project_successions(session, event)
        session.commit()


def sweep_of(service):
    """The sweep of a service by which its things follow."""
    return next(each for each in service.sweeps if each.name == "follow_agencies")


def follow(running, service):
    """Turn the sweep until nothing is left; how many followed."""
    moved = 0
    while done := sweep_once(running.means, sweep_of(service)):
        moved += done
    return moved


class Killed(BaseException):
    """As a kill would end it: nothing catches it."""


def killed(name):
    """Stands in for a crash point that is armed."""
    raise Killed(name)
