"""One trace id joins a request, the services' lines, the events, the trail and the e-mail."""

import json
from email import message_from_bytes
from email.policy import default
from secrets import token_hex

import psycopg
import pytest

from deploy.local import supervision
from tests.e2e.asking import an_approved, ask, to_issue
from tests.e2e.conftest import DEPARTMENT, eventually, member_of

ISSUE = """mutation($input: IssueRevisionInput!) { issueRevision(input: $input) { __typename
  ... on Document { id code } } }"""


def lines_of(platform, process: str, trace_id: str) -> list[dict]:
    """The lines of a process that carry the trace id."""
    text = supervision.log_file(platform.instance, process).read_text()
    lines = (json.loads(line) for line in text.splitlines() if trace_id in line)
    return [line for line in lines if line.get("trace_id") == trace_id]


async def a_line(platform, process: str, trace_id: str, message: str) -> None:
    """Until the process's log holds it; a line takes a moment through the supervisor's pipe."""
    await eventually(lambda: message in {line["message"] for line in lines_of(platform, process, trace_id)})


def events_of(platform, service: str, trace_id: str) -> list[str]:
    """The topics that a service published under the trace id, as operators may look them up."""
    url = platform.ops_url(service).replace("+psycopg", "")
    with psycopg.connect(url) as database:
        found = database.execute("select topic from outbox where trace_id = %s", (trace_id,))
        return [topic for (topic,) in found]


def mails_with(platform, trace_id: str) -> list:
    mails = (path.read_bytes() for path in platform.instance.mails.glob("*.eml"))
    parsed = (message_from_bytes(mail, policy=default) for mail in mails)
    return [mail for mail in parsed if mail["X-Trace-Id"] == trace_id]


@pytest.mark.parametrize("given", [None, token_hex(16)], ids=["begun here", "the caller's own"])
async def test_one_trace_id_leads_from_the_request_to_the_e_mail(platform, http, sign_in, given):
    writers = [await sign_in(DEPARTMENT, key) for key in ("secretary", "division", "deputy")]
    document = await an_approved(*writers)
    headers = {"traceparent": f"00-{given}-{token_hex(8)}-01"} if given else {}
    variables = {"input": json.loads(json.dumps(to_issue(document), default=str))}
    variables["input"]["requestId"] = "01a0a0a0-0000-7000-8000-" + token_hex(6)
    head = await sign_in(DEPARTMENT, "head")
    answer = await ask(http, ISSUE, variables, token=head.token, **headers)
    assert answer.json()["data"]["issueRevision"]["code"] == document["code"]
    trace_id = answer.headers["x-trace-id"]
    assert given in (None, trace_id)
    await a_line(platform, "gateway", trace_id, "graphql 200")
    await a_line(platform, "documents", trace_id, "documents.issue_revision ok")
    assert events_of(platform, "documents", trace_id) == ["documents.revision_issued.v1"]
    reader = member_of(DEPARTMENT, "officer").email
    [mail] = await eventually(lambda: [m for m in mails_with(platform, trace_id) if m["To"] == reader])
    assert document["code"] in mail["Subject"]
    assert trace_id in mail.get_content()
    await a_line(platform, "notify", trace_id, "notify.tell_issued done")
    await a_line(platform, "notify", trace_id, "mail handed over")
    assert set(events_of(platform, "notify", trace_id)) == {"notify.notice_posted.v1"}
    asked = "query($id: UUID!) { document(id: $id) { trail(first: 1) { action traceId } } }"
    [row] = (await writers[0].ask(asked, id=document["id"]))["document"]["trail"]
    assert (row["action"], row["traceId"]) == ("documents:issue_revision", trace_id)


async def test_a_trace_that_is_none_gives_way_to_one_of_ours(platform, http):
    answer = await ask(http, "{ clock { isShifted } }", traceparent="00-nonsense-01")
    trace_id = answer.headers["x-trace-id"]
    assert len(bytes.fromhex(trace_id)) == 16
    await a_line(platform, "gateway", trace_id, "graphql 200")
