"""Every operation of the client in one. Written by `make client`; change the operations instead."""

from client.generated.accounts import AboutAccounts
from client.generated.agencies import AboutAgencies
from client.generated.audits import AboutAudits
from client.generated.documents import AboutDocuments
from client.generated.dossiers import AboutDossiers
from client.generated.hand_overs import AboutHandOvers
from client.generated.imports import AboutImports
from client.generated.nonconformities import AboutNonconformities
from client.generated.notices import AboutNotices
from client.generated.reviews import AboutReviews
from client.generated.systems import AboutSystems
from client.generated.work import AboutWork


class Operations(
    AboutAccounts,
    AboutAgencies,
    AboutAudits,
    AboutDocuments,
    AboutDossiers,
    AboutHandOvers,
    AboutImports,
    AboutNonconformities,
    AboutNotices,
    AboutReviews,
    AboutSystems,
    AboutWork,
):
    """All of them, for one caller."""
