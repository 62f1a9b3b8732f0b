"""A province in miniature for the tests of documents: an office, a department and a commune."""

from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from uuid import UUID, uuid4

import pytest
import urllib3

from contracts.directory.events import AgencyChanged
from contracts.documents import files as uploads
from org import tree
from tests import files
from tests.files import DOCX


def a_docx(text: str = "Quy trình") -> bytes:
    """The bytes of a small Word file that is the same as no other."""
    return files.docx(f"{text}{uuid4()}")


@dataclass
class Province:
    """The agencies, and tokens for the people who work in them."""

    root: UUID
    department: UUID
    commune: UUID
    a_token: object

    def person(
        self,
        *roles: str,
        at: UUID | None = None,
        person: UUID | None = None,
        with_subtree: bool = False,
        **capacity: object,
    ) -> str:
        return self.a_token(
            *roles, agency=at or self.department, person=person, with_subtree=with_subtree, **capacity
        )


def plant(database, agencies) -> None:
    """Teach a database its agencies, as the directory's events would."""
    with database.sessions() as session:
        for version, (agency_id, parent_id, name) in enumerate(agencies, start=1):
            event = AgencyChanged(
                agency_id=agency_id,
                code=f"H37.{version}",
                name=name,
                short_name=name,
                kind="department",
                parent_id=parent_id,
                valid_from=date(2020, 1, 1),
            )
            tree.project_agency(session, event, version)
        session.commit()


@pytest.fixture
def documents(running, servers):
    """Files are put into the real store."""
    return running("documents")


@pytest.fixture
def province(documents, a_token) -> Province:
    root, department, commune = uuid4(), uuid4(), uuid4()
    plant(
        documents.database,
        [
            (root, None, "UBND tỉnh"),
            (department, root, "Sở Dân tộc và Tôn giáo"),
            (commune, root, "Phường A"),
        ],
    )
    return Province(root, department, commune, a_token)


class Desk:
    """What a drafter, a reviewer and an approver do, through the bus and the store only."""

    def __init__(self, rpc, province) -> None:
        self.rpc, self.province = rpc, province
        self.author, self.reviewer, self.approver = uuid4(), uuid4(), uuid4()
        self.drafter = province.person("drafter", person=self.author)
        self.review = province.person("reviewer", person=self.reviewer)
        self.approve = province.person("approver", person=self.approver)

    def reserve(self, body: bytes, token: str | None = None, **changes):
        wanted = {
            "request_id": uuid4(),
            "agency_id": self.province.department,
            "name": "quy-trinh.docx",
            "media_type": DOCX,
            "size": len(body),
            "sha256": sha256(body).hexdigest(),
        }
        return self.rpc.call("documents.reserve_upload", wanted | changes, token=token or self.drafter)

    def put(self, url: str, body: bytes, media_type: str = DOCX) -> int:
        http = urllib3.PoolManager()
        return http.request("PUT", url, body=body, headers={"Content-Type": media_type}).status

    def confirm(self, upload_id, token: str | None = None):
        asked = uploads.ConfirmUpload(request_id=uuid4(), upload_id=upload_id)
        return self.rpc.call("documents.confirm_upload", asked, token=token or self.drafter)

    def uploaded(self) -> str:
        body = a_docx()
        ticket = self.reserve(body)["ok"]
        assert self.put(ticket["url"], body) == 200
        assert self.confirm(ticket["upload_id"])["ok"]["state"] == "available"
        return ticket["upload_id"]

    def created(self, **changes):
        wanted = {
            "request_id": uuid4(),
            "agency_id": self.province.department,
            "kind": "procedure",
            "code": f"QT-{uuid4().hex[:6]}",
            "title": "Thủ tục đề nghị thay đổi trụ sở",
            "upload_id": self.uploaded(),
        }
        return self.ok("create_document", wanted | changes, self.drafter)

    def do(self, method: str, document, token: str, **more):
        asked = {
            "request_id": uuid4(),
            "document_id": document["id"],
            "expected_version": document["version"],
        }
        return self.rpc.call(f"documents.{method}", asked | more, token=token)

    def ok(self, method: str, asked, token: str):
        answer = self.rpc.call(f"documents.{method}", asked, token=token)
        assert "ok" in answer, answer
        return answer["ok"]

    def approved(self, document=None):
        document = document or self.created()
        document = self.do("submit_revision", document, self.drafter)["ok"]
        document = self.do("review_revision", document, self.review)["ok"]
        return self.do("approve_revision", document, self.approve)["ok"]

    def issued(self, day: str, **changes):
        document = self.approved(self.created(**changes))
        return self.do("issue_revision", document, self.approve, effective_from=day)["ok"]


@pytest.fixture
def desk(rpc, province) -> Desk:
    return Desk(rpc, province)
