"""What the services of the platform have in common beyond the kernel: they know the organisation."""

from collections.abc import Mapping
from functools import partial
from types import ModuleType
from typing import ClassVar

from contracts import every
from kernel.trust.reach import Reaching
from kernel.work.service import Measure, Projection, Service
from org import heeding, reach, succession, tree
from org.agency_statistics import AgencyFigure, measure_agencies

TREE = Projection(tables=tree.TREE, reactions=("learn_agency",))
SUCCESSIONS = Projection(tables=succession.SUCCESSIONS, reactions=("learn_successions",))
"""What every service but the directory learns of agencies."""
LEARNT: tuple[ModuleType, ...] = (tree, succession, heeding)
"""The handlers with which it does, and with which it hears of rights that ended."""


class OrgService(Service):
    """A service of the platform: how far roles reach is read from its own copy of the tree."""

    peers: ClassVar[frozenset[str]] = frozenset(every.SERVICES)
    reaching: ClassVar[Reaching] = reach
    agency_figures: ClassVar[tuple[AgencyFigure, ...]] = ()

    @classmethod
    def seldom(cls) -> Mapping[str, Measure]:
        """The business figures by agency, where the service has any."""
        figures = cls.agency_figures
        return {"agencies": partial(measure_agencies, wanted=figures)} if figures else {}
