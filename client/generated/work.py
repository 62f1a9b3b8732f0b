"""What is asked about work. Written by `make client`; change the operations instead."""

from typing import TypedDict

from client.caller import Caller


class WorkInHandDocumentsEdgesNodeNumberedIn(TypedDict):
    """What is asked of a Agency."""

    code: str


class WorkInHandDocumentsEdgesNode(TypedDict):
    """What is asked of a Document."""

    id: str
    version: int
    numberedIn: WorkInHandDocumentsEdgesNodeNumberedIn | None


class WorkInHandDocumentsEdges(TypedDict):
    """What is asked of a DocumentEdge."""

    node: WorkInHandDocumentsEdgesNode


class WorkInHandDocuments(TypedDict):
    """What is asked of a DocumentConnection."""

    edges: list[WorkInHandDocumentsEdges]


class WorkInHandNonconformitiesEdgesNode(TypedDict):
    """What is asked of a Nonconformity."""

    id: str
    version: int


class WorkInHandNonconformitiesEdges(TypedDict):
    """What is asked of a NonconformityEdge."""

    node: WorkInHandNonconformitiesEdgesNode


class WorkInHandNonconformities(TypedDict):
    """What is asked of a NonconformityConnection."""

    edges: list[WorkInHandNonconformitiesEdges]


class WorkInHand(TypedDict):
    """What is asked of a Query."""

    documents: WorkInHandDocuments | None
    nonconformities: WorkInHandNonconformities | None


class WorkGoneOnDossiersEdgesNodeAgency(TypedDict):
    """What is asked of a Agency."""

    code: str


class WorkGoneOnDossiersEdgesNodeReceivedAgency(TypedDict):
    """What is asked of a Agency."""

    code: str


class WorkGoneOnDossiersEdgesNode(TypedDict):
    """What is asked of a Dossier."""

    id: str
    version: int
    dueAt: str | None
    agency: WorkGoneOnDossiersEdgesNodeAgency | None
    receivedAgency: WorkGoneOnDossiersEdgesNodeReceivedAgency | None


class WorkGoneOnDossiersEdges(TypedDict):
    """What is asked of a DossierEdge."""

    node: WorkGoneOnDossiersEdgesNode


class WorkGoneOnDossiers(TypedDict):
    """What is asked of a DossierConnection."""

    edges: list[WorkGoneOnDossiersEdges]


class WorkGoneOnDocumentsEdgesNodeNumberedIn(TypedDict):
    """What is asked of a Agency."""

    code: str


class WorkGoneOnDocumentsEdgesNode(TypedDict):
    """What is asked of a Document."""

    code: str
    numberedIn: WorkGoneOnDocumentsEdgesNodeNumberedIn | None


class WorkGoneOnDocumentsEdges(TypedDict):
    """What is asked of a DocumentEdge."""

    node: WorkGoneOnDocumentsEdgesNode


class WorkGoneOnDocuments(TypedDict):
    """What is asked of a DocumentConnection."""

    edges: list[WorkGoneOnDocumentsEdges]


class WorkGoneOnNonconformitiesEdgesNodeOriginAgency(TypedDict):
    """What is asked of a Agency."""

    code: str


class WorkGoneOnNonconformitiesEdgesNode(TypedDict):
    """What is asked of a Nonconformity."""

    id: str
    originAgency: WorkGoneOnNonconformitiesEdgesNodeOriginAgency | None


class WorkGoneOnNonconformitiesEdges(TypedDict):
    """What is asked of a NonconformityEdge."""

    node: WorkGoneOnNonconformitiesEdgesNode


class WorkGoneOnNonconformities(TypedDict):
    """What is asked of a NonconformityConnection."""

    edges: list[WorkGoneOnNonconformitiesEdges]


class WorkGoneOn(TypedDict):
    """What is asked of a Query."""

    dossiers: WorkGoneOnDossiers | None
    documents: WorkGoneOnDocuments | None
    nonconformities: WorkGoneOnNonconformities | None


WORK_IN_HAND = """
query WorkInHand { documents { edges { node { id version numberedIn { code } } } } nonconformities {
edges { node { id version } } } }
"""

WORK_GONE_ON = """
query WorkGoneOn { dossiers { edges { node { id version dueAt agency { code } receivedAgency { code } } }
} documents { edges { node { code numberedIn { code } } } } nonconformities { edges { node { id
originAgency { code } } } } }
"""


class AboutWork(Caller):
    """Operations about work."""

    async def work_in_hand(self) -> WorkInHand:
        """WorkInHand."""
        found: WorkInHand = await self._query(WORK_IN_HAND)
        return found

    async def work_gone_on(self) -> WorkGoneOn:
        """WorkGoneOn."""
        found: WorkGoneOn = await self._query(WORK_GONE_ON)
        return found
