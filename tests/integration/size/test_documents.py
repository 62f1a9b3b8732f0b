"""Documents of 250 agencies, asked for by three who see more and less of them."""

from uuid import UUID

import pytest
from sqlalchemy import text

from tests.integration.documents.test_plans import _DOCUMENTS, _PARTIES, _REVISIONS, _UPLOADS
from tests.integration.plans import PROOF, analyze
from tests.integration.size.callers import Asked, assert_nobody_waits_longer, tokens_of, walked
from tests.integration.size.country import BUSY, OFFICER_OF, ROOT, found_tree

MANY = 40_000 if PROOF else 3_000
TABLES = ("documents", "revisions", "parties", "agency_nodes", "agency_closure")
QUESTIONS = {
    "documents": ("list_documents", {}),
    "documents of a kind": ("list_documents", {"kind": "form"}),
    "documents of an agency": ("list_documents", {"agency_id": OFFICER_OF}),
    "search: a code": ("list_documents", {"search": "qt-1506"}),
    "search: a common word": ("list_documents", {"search": "thủ tục"}),
    "search: a name of many": ("list_documents", {"search": "dat dai"}),
    "search: nobody's": ("list_documents", {"search": "khong co dau"}),
    "in force that day": ("list_documents", {"in_force_on": "2026-08-10"}),
    "documents by ids": ("documents_by_ids", {"ids": [UUID(int=n) for n in range(50)]}),
    "duties": ("document_duties", {}),
}
# As varied as real ones: hundreds of procedures, each under the same name in many agencies.
_TITLES = """
update documents set title = t.title, folded = lower(code) || ' ' || t.folded
  from (values (0, 'Cấp giấy phép xây dựng nhà ở riêng lẻ', 'cap giay phep xay dung nha o rieng le'),
               (1, 'Đăng ký khai sinh có yếu tố nước ngoài', 'dang ky khai sinh co yeu to nuoc ngoai'),
               (2, 'Đăng ký biến động đất đai', 'dang ky bien dong dat dai'),
               (3, 'Kiểm soát tài liệu nội bộ', 'kiem soat tai lieu noi bo'),
               (4, 'Thủ tục tiếp công dân', 'thu tuc tiep cong dan')) t(kind, title, folded)
 where substr(code, 4)::int / 250 % 5 = t.kind and :many + :agencies > 0
"""
_OPEN = """
insert into revisions (id, document_id, number, state, upload_id, file_name, media_type, size, sha256,
    object_key, object_version, author_id, submitted_at, migrated_from_paper)
select md5('o' || id)::uuid, id, 3, case when code like '%5' then 'draft' else 'in_review' end,
       lpad('1', 32, '0')::uuid, 'qt.docx', 'application/pdf', 1, 'f', 'k', 'v',
       case when code like '%5' then agency_id else lpad('1', 32, '0')::uuid end, '2026-08-01', false
  from documents where code ~ '[05]$' and :many + :agencies > 0
"""


@pytest.fixture
def asked(running, rpc, platform, a_token):
    service = running("documents", "rpc")
    with service.database.sessions() as session:
        found_tree(session, ROOT)
        for statement in (_UPLOADS, _DOCUMENTS, _TITLES, _REVISIONS, _PARTIES, _OPEN):
            session.execute(text(statement), {"many": MANY, "agencies": BUSY})
        session.commit()
    analyze(platform, service.database, TABLES)
    return Asked(rpc, "documents", service.database, tokens_of(a_token, ROOT))


@pytest.mark.proof
def test_no_read_of_documents_walks_through_a_table(asked, record_property):
    record_property("documents", MANY)
    found = walked(asked, QUESTIONS, TABLES)
    assert not found, "\n".join(found)


@pytest.mark.proof
def test_who_sees_fewer_documents_waits_no_longer(asked, record_property):
    assert_nobody_waits_longer(asked, QUESTIONS, record_property)
