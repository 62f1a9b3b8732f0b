"""Lists on a real database: every page in order, nothing twice, nothing left out, nothing of others."""

from datetime import date
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert

from kernel.data.tables import uploads
from services.documents.documents import listing
from services.documents.documents.tables import documents as documents_table
from services.documents.documents.tables import parties, revisions
from tests.integration.documents.conftest import plant

BEGAN, ENDED = date(2026, 1, 1), date(2026, 6, 1)


class Shelf:
    """Documents of a department and its two branches, of a stranger, and some shared between them."""

    def __init__(self, database) -> None:
        self.database = database
        self.root, self.department, self.stranger = uuid4(), uuid4(), uuid4()
        self.branches = [uuid4(), uuid4()]
        tree = [(self.root, None, "UBND tỉnh"), (self.department, self.root, "Sở A")]
        tree += [(each, self.department, "Chi cục") for each in self.branches]
        plant(database, [*tree, (self.stranger, self.root, "Sở B")])

    def put(self, code: str, owner: UUID, *readers: UUID, kind="procedure", ended=False) -> None:
        document, upload = uuid4(), uuid4()
        party = {"code": code, "document_id": document, "kind": kind}
        with self.database.sessions() as session:
            session.execute(insert(uploads).values(_upload(upload, owner)))
            session.execute(insert(documents_table).values(_document(document, owner, code, kind)))
            session.execute(insert(revisions).values(_revision(document, upload, ended)))
            rows = [{**party, "agency_id": each, "is_owner": each == owner} for each in (owner, *readers)]
            session.execute(insert(parties), rows)
            session.commit()


def _upload(upload, owner):
    given = {"id": upload, "agency_id": owner, "key": str(upload), "name": "a.pdf", "size": 1}
    return given | {
        "media_type": "application/pdf",
        "sha256": "0" * 64,
        "state": "available",
        "expires_at": "2030-01-01T00:00Z",
    }


def _document(document, owner, code, kind):
    given = {"id": document, "version": 1, "agency_id": owner, "code": code, "kind": kind, "changes": 1}
    return given | {"title": f"Thủ tục {code}", "folded": f"{code.lower()} thu tuc", "distribution": []}


def _revision(document, upload, ended):
    given = {"id": uuid4(), "document_id": document, "number": 1, "state": "issued", "upload_id": upload}
    given |= {"file_name": "a.pdf", "media_type": "application/pdf", "size": 1, "sha256": "0" * 64}
    given |= {"object_key": "k", "object_version": "v", "author_id": uuid4(), "migrated_from_paper": True}
    return given | {"effective_from": BEGAN, "effective_to": ENDED if ended else None}


@pytest.fixture
def shelf(documents) -> Shelf:
    shelf = Shelf(documents.database)
    first, second = shelf.branches
    for number in range(12):
        owner = (shelf.department, first, second)[number % 3]
        readers = [each for each in (first, second, shelf.stranger) if each != owner and number % 2]
        shelf.put(f"QT-{number:02}", owner, *readers, ended=number % 4 == 0)
        shelf.put(f"QT-{number:02}", shelf.stranger)
    shelf.put("BM-01", first, kind="form")
    shelf.put("QT-05", shelf.department)
    return shelf


@pytest.fixture
def pages(rpc):
    """`pages(token, first=2)`: the codes on each page, walked to the end."""

    def walk(token, **asked):
        walked, after = [], None
        while True:
            page = rpc.call("documents.list_documents", {**asked, "after": after}, token=token)["ok"]
            walked.append([item["code"] for item in page["items"]])
            assert len({item["id"] for item in page["items"]}) == len(page["items"])
            if not page["has_next"]:
                return walked
            after = page["cursors"][-1]

    return walk


@pytest.fixture(params=[None, 0, 2, 6, 1000], ids=lambda walk: f"walk {walk}")
def walk(request, monkeypatch):
    """Few documents are passed before the walk along everybody's is given up, or many, or none is made."""
    if request.param is not None:
        monkeypatch.setattr(listing, "MANY", 1)
        monkeypatch.setattr(listing, "WALK", request.param)
        monkeypatch.setattr(listing, "WALK_OF_WORDS", request.param)
        monkeypatch.setattr(listing, "FEW", request.param)


OWN = sorted(["BM-01", "QT-05", *(f"QT-{number:02}" for number in range(12))])


@pytest.mark.parametrize("first", [1, 2, 5, 100])
def test_several_agencies_are_merged_into_one_list_in_order(shelf, pages, a_token, walk, first):
    token = a_token("iso_secretary", agency=shelf.department, with_subtree=True)
    walked = pages(token, first=first)
    assert [code for page in walked for code in page] == OWN
    assert {len(page) for page in walked[:-1]} <= {first}


def test_who_sees_a_good_part_of_all_meets_a_page_without_a_merge(shelf, rpc, a_token, monkeypatch):
    monkeypatch.setattr(listing, "MANY", 1)
    monkeypatch.setattr(listing, "WALK", 20)
    monkeypatch.setattr(listing, "MERGED", None)
    token = a_token("iso_secretary", agency=shelf.department, with_subtree=True)
    page = rpc.call("documents.list_documents", {"first": 5}, token=token)["ok"]
    assert [item["code"] for item in page["items"]] == OWN[:5]
    assert page["has_next"]


@pytest.mark.parametrize("first", [2, 100])
def test_one_agency_sees_its_own_and_what_was_distributed_to_it(shelf, pages, a_token, first):
    token = a_token("reader", agency=shelf.branches[0])
    expected = ["BM-01", *(f"QT-{n:02}" for n in range(12) if n % 3 == 1 or n % 2)]
    assert [code for page in pages(token, first=first) for code in page] == expected


def test_who_stands_over_all_sees_all(shelf, pages, a_token):
    token = a_token("province_admin", agency=shelf.root, with_subtree=True)
    walked = [code for page in pages(token, first=7) for code in page]
    assert walked == sorted([*OWN, *(f"QT-{number:02}" for number in range(12))])


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"kind": "form"}, ["BM-01"]),
        ({"search": "qt-0"}, [each for each in OWN if each.startswith("QT-0")]),
        ({"search": "Thủ Tục", "kind": "form"}, ["BM-01"]),
        ({"in_force_on": "2026-06-01"}, [each for each in OWN if each not in ("QT-00", "QT-04", "QT-08")]),
        ({"in_force_on": "2026-05-31"}, OWN),
        ({"in_force_on": "2025-12-31"}, []),
    ],
)
def test_a_filter_holds_on_every_page(shelf, pages, a_token, walk, asked, expected):
    token = a_token("iso_secretary", agency=shelf.department, with_subtree=True)
    assert [code for page in pages(token, first=2, **asked) for code in page] == expected


def test_an_agency_asked_for_shows_only_what_it_shares(shelf, pages, a_token):
    token = a_token("iso_secretary", agency=shelf.department, with_subtree=True)
    of_branch = [code for page in pages(token, first=2, agency_id=shelf.branches[0]) for code in page]
    assert of_branch == ["BM-01", "QT-01", "QT-04", "QT-07", "QT-10"]
    assert pages(token, first=2, agency_id=shelf.stranger) == [[]]
