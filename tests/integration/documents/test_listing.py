"""Each way to a page of documents is taken where it is meant to be, and goes by the indexes it is meant to.

EISO_PROOF=1 makes it 100,000 documents and notes how long each way takes.
"""

from statistics import median
from time import perf_counter
from uuid import UUID

import pytest
from sqlalchemy import text

from contracts.documents.documents import ListDocuments
from kernel.trust.reach import Reach
from services.documents.documents import listing
from services.documents.documents.listing import (
    ALONG_CODES,
    LOOKED_UP,
    MANY,
    MERGED,
    OF_ONE_AGENCY,
    READ_THROUGH,
    WALKED,
    Listing,
)
from tests.integration.documents.conftest import plant
from tests.integration.documents.test_plans import _DOCUMENTS, _PARTIES, _REVISIONS, _UPLOADS
from tests.integration.plans import PROOF, analyze, indexes_read, watched

DOCUMENTS = 100_000 if PROOF else 3_000
AGENCIES = 61
ROUNDS = 21 if PROOF else 1
TABLES = ("documents", "revisions", "parties")
FIRST = 30
CLUSTER, PAIR = UUID(int=70), UUID(int=2)
ALL = Reach(everything=True)
ONE = Reach(everything=False, agency_ids=(UUID(int=7),))
SOME = Reach(everything=False, agency_ids=tuple(UUID(int=n) for n in range(2, 2 + MANY)))
WIDE = Reach(everything=False, agency_ids=tuple(UUID(int=n) for n in range(2, 3 + MANY)))


@pytest.mark.parametrize(
    ("reach", "asked", "sees_few", "taken"),
    [
        (ALL, {}, False, [ALONG_CODES]),
        (ALL, {"agency_id": UUID(int=7), "search": "đất"}, False, [ALONG_CODES]),
        (WIDE, {"agency_id": UUID(int=7)}, False, [ALONG_CODES]),
        (ONE, {}, True, [OF_ONE_AGENCY]),
        (ONE, {"search": "đất"}, True, [OF_ONE_AGENCY]),
        (SOME, {}, False, [MERGED]),
        (WIDE, {}, True, [WALKED, MERGED]),
        (SOME, {"search": "đất"}, True, [READ_THROUGH]),
        (WIDE, {"search": "đất"}, True, [READ_THROUGH]),
        (SOME, {"search": "đất"}, False, [WALKED, LOOKED_UP]),
        (ALL, {"search": "đất"}, False, [WALKED, LOOKED_UP]),
        (Reach(everything=False), {}, True, [MERGED]),
    ],
)
def test_a_way_is_taken_by_what_the_caller_sees_and_asks(monkeypatch, reach, asked, sees_few, taken):
    monkeypatch.setattr(listing, "_sees_few", lambda session, reach: sees_few)
    assert listing.ways(None, Listing(reach=reach, question=ListDocuments(**asked))) == taken


@pytest.fixture
def crowded(documents, province, platform):
    below = [(UUID(int=n), CLUSTER, f"Trường {n}") for n in range(10, 40)]
    pair = [(UUID(int=n), PAIR, f"Phòng {n}") for n in (3, 4, 5)]
    plant(documents.database, [(CLUSTER, province.root, "Cụm"), *below, *pair])
    with documents.database.sessions() as session:
        for statement in (_UPLOADS, _DOCUMENTS, _REVISIONS, _PARTIES):
            session.execute(text(statement), {"many": DOCUMENTS, "agencies": AGENCIES})
        rare = "update documents set folded = folded || ' hiem' where code like :rare"
        session.execute(text(rare), {"rare": "QT-%77" if PROOF else "QT-%7"})
        session.commit()
    analyze(platform, documents.database, TABLES)
    return province


@pytest.fixture
def tokens(crowded):
    return {
        "all": crowded.person("reader", at=crowded.root, with_subtree=True),
        "one": crowded.person("reader", at=UUID(int=7)),
        "some": crowded.person("reader", at=PAIR, with_subtree=True),
        "wide": crowded.person("reader", at=CLUSTER, with_subtree=True),
    }


BY_CODE, OWN, PARTY = "documents_by_code", "parties_pkey", "parties_of_document"
ID = "documents_pkey"
PLANS = {
    "along codes, all": (ALONG_CODES, "all", {}, {BY_CODE}),
    "along codes, of a kind": (ALONG_CODES, "all", {"kind": "form"}, {BY_CODE}),
    "along codes, of an agency": (
        ALONG_CODES,
        "wide",
        {"agency_id": UUID(int=12)},
        {"documents_of_agency", PARTY},
    ),
    "of one agency": (OF_ONE_AGENCY, "one", {}, {OWN, ID}),
    "of one agency, search": (OF_ONE_AGENCY, "one", {"search": "thu tuc"}, {OWN, ID}),
    "merged, some": (MERGED, "some", {}, {OWN, ID}),
    "merged, wide": (MERGED, "wide", {}, {OWN, ID}),
    "merged, in force": (MERGED, "some", {"in_force_on": "2026-08-10"}, {OWN, ID}),
    "walked": (WALKED, "wide", {}, {BY_CODE, PARTY}),
    "walked, search": (WALKED, "wide", {"search": "thu tuc"}, {BY_CODE, PARTY}),
    "walked, all": (WALKED, "all", {"search": "thu tuc"}, {BY_CODE}),
    "read through": (READ_THROUGH, "some", {"search": "thu tuc"}, {OWN, ID}),
    "looked up": (LOOKED_UP, "wide", {"search": "hiem"}, {"documents_search", ID, PARTY}),
    "looked up, all": (LOOKED_UP, "all", {"search": "hiem"}, {"documents_search", ID}),
}


@pytest.mark.proof
def test_each_way_goes_by_its_indexes(documents, rpc, tokens, monkeypatch, record_property):
    record_property("documents", DOCUMENTS)
    strayed = {}
    for name, (way, who, asked, wanted) in PLANS.items():
        monkeypatch.setattr(listing, "ways", lambda session, _, way=way: [way])
        question, took = {"first": FIRST, **asked}, []
        for _ in range(ROUNDS):
            began = perf_counter()
            with watched(documents.database) as statements:
                rpc.call("documents.list_documents", question, token=tokens[who])
            took.append(1000 * (perf_counter() - began))
        of_lists = [each for each in statements if "FROM documents" in each[0]]
        read = indexes_read(documents.database, of_lists, beside="revisions")
        if PROOF:
            record_property(f"{name}, ms", f"{median(took):.1f}")
        if read != wanted:
            strayed[name] = read
    assert strayed == {}


@pytest.mark.parametrize("after", [None, "a page on"])
@pytest.mark.parametrize("asked", [{}, {"kind": "form"}, {"in_force_on": "2026-08-10"}, {"search": "hiem"}])
def test_every_way_gives_the_same_page(documents, rpc, tokens, monkeypatch, asked, after):
    for who in ("all", "one", "some", "wide"):
        pages = []
        for way in _possible(who, asked):
            monkeypatch.setattr(listing, "ways", lambda session, _, way=way: [way])
            question = {"first": 4, **asked}
            page = rpc.call("documents.list_documents", question, token=tokens[who])["ok"]
            if after:
                question["after"] = page["cursors"][-1]
                page = rpc.call("documents.list_documents", question, token=tokens[who])["ok"]
            pages.append(page)
        assert pages[0]["items"]
        assert all(page == pages[0] for page in pages), who


def _possible(who, asked):
    """The ways that give whole pages to that caller."""
    if asked.get("search"):
        several = [READ_THROUGH] if who != "all" else []
        return [ALONG_CODES, LOOKED_UP, *several, *([OF_ONE_AGENCY] if who == "one" else [])]
    own = {"all": [], "one": [OF_ONE_AGENCY, MERGED], "some": [MERGED], "wide": [MERGED, WALKED]}
    return [ALONG_CODES, *own[who]]
