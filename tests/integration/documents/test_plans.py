"""No list of documents reads a whole table, for any caller, whatever they look for, however far they page.

EISO_PROOF=1 makes it 100,000 documents, each with two revisions.
"""

from uuid import UUID

import pytest
from sqlalchemy import text

from tests.integration.documents.conftest import plant
from tests.integration.plans import PROOF, analyze, read_whole, watched

MANY = 100_000 if PROOF else 3_000
AGENCIES = 129
TABLES = ("documents", "revisions", "parties")
BELOW = [(UUID(int=n), f"Phòng {n}") for n in (3, 4, 5)]
CLUSTER = UUID(int=9)
CLUSTERED = [(UUID(int=n), f"Trường {n}") for n in range(10, 60)]
NEW = UUID(int=61)
EMPTY = [(UUID(int=n), f"Trạm {n}") for n in range(AGENCIES + 1, AGENCIES + 13)]
QUESTIONS = [
    {},
    {"kind": "form"},
    {"agency_id": UUID(int=7)},
    {"search": "thu tuc so 42"},
    {"search": "thu tuc"},
    {"in_force_on": "2026-08-10"},
]


@pytest.fixture
def crowded(documents, province, platform):
    below = [(id_, province.department, name) for id_, name in BELOW]
    cluster = [(CLUSTER, province.root, "Cụm"), *((id_, CLUSTER, name) for id_, name in CLUSTERED)]
    new = [(NEW, province.root, "Cơ quan mới"), *((id_, NEW, name) for id_, name in EMPTY)]
    plant(documents.database, [*below, *cluster, *new])
    with documents.database.sessions() as session:
        for statement in (_UPLOADS, _DOCUMENTS, _REVISIONS, _PARTIES):
            session.execute(text(statement), {"many": MANY, "agencies": AGENCIES})
        session.commit()
    analyze(platform, documents.database, TABLES)
    return province


@pytest.fixture
def tokens(crowded):
    """Who stands over all, who sees one agency, and who sees several: with few documents or many."""
    return {
        "the province": crowded.person("reader", at=crowded.root, with_subtree=True),
        "one agency": crowded.person("reader", at=UUID(int=7)),
        "some agencies": crowded.person("reader", with_subtree=True),
        "many agencies, few documents": crowded.person("reader", at=NEW, with_subtree=True),
        "many agencies": crowded.person("reader", at=CLUSTER, with_subtree=True),
    }


@pytest.mark.proof
@pytest.mark.parametrize(
    "who", ["the province", "one agency", "some agencies", "many agencies", "many agencies, few documents"]
)
def test_no_list_of_documents_reads_a_whole_table(documents, rpc, tokens, who, record_property):
    record_property("rows", MANY)
    read = []
    for question in QUESTIONS:
        with watched(documents.database) as asked:
            page = rpc.call("documents.list_documents", question, token=tokens[who])["ok"]
            if page["has_next"]:
                more = question | {"after": page["cursors"][-1]}
                rpc.call("documents.list_documents", more, token=tokens[who])
        ids = [each["id"] for each in page["items"]]
        with watched(documents.database) as asked_too:
            rpc.call("documents.revisions_of", {"ids": ids}, token=tokens[who])
        read += read_whole(documents.database, asked + asked_too, TABLES)
    assert read == []


_UPLOADS = """
insert into uploads (id, agency_id, key, name, media_type, size, sha256, state, expires_at)
select lpad('1', 32, '0')::uuid, lpad('1', 32, '0')::uuid, 'k', 'qt.docx', 'application/pdf', 1, 'f',
       'available', now() where :many + :agencies > 0
"""
_DOCUMENTS = """
insert into documents (id, version, agency_id, kind, code, title, folded, distribution, changes)
select md5('d' || n)::uuid, 1, lpad(to_hex(1 + n % :agencies), 32, '0')::uuid,
       case when n % 4 = 0 then 'form' else 'procedure' end, 'QT-' || n, 'Thủ tục số ' || n,
       'qt-' || n || ' thu tuc so ' || n, '{}', 1 from generate_series(1, :many) n
"""
_REVISIONS = """
insert into revisions (id, document_id, number, state, upload_id, file_name, media_type, size, sha256,
    object_key, object_version, author_id, issued_at, effective_from, effective_to, migrated_from_paper)
select md5('r' || number || id)::uuid, id, number, 'issued', lpad('1', 32, '0')::uuid, 'qt.docx',
       'application/pdf', 1, 'f', 'k', 'v', agency_id, '2026-01-05', date '2026-01-05' + number * 100,
       case number when 1 then date '2026-01-05' + 200 end, false
  from documents, generate_series(1, 2) number where :many + :agencies > 0
"""
_PARTIES = """
insert into parties (agency_id, code, document_id, kind, is_owner)
select agency_id, code, id, kind, true from documents where :many + :agencies > 0
"""
