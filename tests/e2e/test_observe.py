"""What an operator sees: one trace from the gateway to the mailbox, and figures for whatever is asked."""

import json
import re
from secrets import token_hex

import httpx
import pytest

from deploy.local import observe
from deploy.local.platform import SERVICES
from deploy.observe.dashboards import DASHBOARDS
from deploy.observe.trace import Span, lines, of_trace
from tests.e2e.asking import an_approved, ask, to_issue
from tests.e2e.conftest import DEPARTMENT, eventually
from tests.e2e.test_trace import ISSUE


@pytest.fixture
async def prometheus(platform):
    async with httpx.AsyncClient(base_url=observe.address(platform), timeout=30) as client:
        yield client


async def asked(prometheus: httpx.AsyncClient, path: str, **parameters: str):
    answer = (await prometheus.get(f"/api/v1/{path}", params=parameters)).json()
    assert answer["status"] == "success", answer
    return answer["data"]


async def test_one_trace_goes_from_the_door_over_the_bus_to_the_mailbox(platform, http, sign_in):
    writers = [await sign_in(DEPARTMENT, key) for key in ("secretary", "division", "deputy")]
    document = await an_approved(*writers)
    variables = {"input": json.loads(json.dumps(to_issue(document), default=str))}
    variables["input"]["requestId"] = "01a0a0a0-0000-7000-8000-" + token_hex(6)
    head = await sign_in(DEPARTMENT, "head")
    answer = await ask(http, ISSUE, variables, token=head.token)
    trace_id = answer.headers["x-trace-id"]

    def whole() -> list[Span]:
        """Every process exports its spans after a second of its own: a parent may come after its children."""
        found = of_trace(platform.instance.traces, trace_id)
        names, above = {span.name for span in found}, {span.parent for span in found if span.parent}
        ended = {"mail send", "POST /graphql"} <= names and above <= {span.id for span in found}
        return found if ended else []

    found = await eventually(whole)
    known = {span.id: span for span in found}
    mail = next(span for span in found if span.name == "mail send")
    way, here = [], mail
    while True:
        way.append((here.process, here.name))
        if not here.parent:
            break
        here = known[here.parent]
    assert way[::-1] == [
        ("gateway", "POST /graphql"),
        ("gateway", "documents.issue_revision"),
        ("documents", "documents.issue_revision"),
        ("documents", "documents.revision_issued.v1 create"),
        ("documents", "documents.revision_issued.v1 publish"),
        ("notify", "notify.tell_issued"),
        ("notify", "mail queue"),
        ("notify", "mail send"),
    ]
    assert not [span for span in found if span.failed]
    assert [span.name for span in found if not span.parent] == ["POST /graphql"]
    shown = "\n".join(lines(found))
    assert all(name in shown for _, name in way)


async def test_every_process_is_watched_and_every_rule_is_understood(prometheus):
    async def all_up() -> bool:
        targets = (await asked(prometheus, "targets"))["activeTargets"]
        return len(targets) == 8 and all(target["health"] == "up" for target in targets)

    await eventually(all_up, 60)
    groups = (await asked(prometheus, "rules"))["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    assert rules
    assert {rule["health"] for rule in rules} <= {"ok", "unknown"}


async def test_whatever_a_dashboard_asks_for_is_exposed_by_a_process(prometheus):
    names = {
        re.sub("_(bucket|sum|count)$", "", name)
        for dashboard in DASHBOARDS
        for panel in dashboard.panels
        for expression in panel.asked
        for name in re.findall(r"\b((?:eiso|node|process)_\w+)", expression)
    }

    async def all_known() -> bool:
        known = await asked(prometheus, "metadata")
        return not {n for n in names if not {n, n.removesuffix("_total")} & known.keys()}

    await eventually(all_known, 60)


async def test_what_waits_is_measured_again_and_again(prometheus):
    """Each service measures its database and its queues; the figures are young."""

    young = "time() - eiso_sampled_timestamp_seconds < 100"
    wanted = {(service, what) for service in SERVICES for what in ("database", "queues")}
    wanted |= {("cases", "backlogs"), ("cases", "agencies"), ("notify", "backlogs")}

    async def all_measured() -> bool:
        rows = (await asked(prometheus, "query", query=young))["result"]
        return wanted <= {(row["metric"]["process"], row["metric"]["what"]) for row in rows}

    await eventually(all_measured, 60)
    readers = (await asked(prometheus, "query", query="eiso_queue_readers"))["result"]
    assert {row["metric"]["queue"] for row in readers} >= {"rpc-cases", "sub-notify.tell_issued"}


PERSONAL = re.compile(r"@|[0-9a-f]{8}-[0-9a-f]{4}-|[\u00c0-\u1ef9]")


async def test_no_label_holds_a_person_or_anything_a_client_sent(platform, http, prometheus):
    await ask(http, "query NguyenVanA { clock { isShifted } }")
    await ask(http, "query NguyenVanA { noSuchField }")
    own = (await http.get("/metrics")).text
    assert "NguyenVanA" not in own
    assert 'operation="other"' in own
    series = await asked(prometheus, "series", **{"match[]": '{job="eiso"}'})
    assert len(series) > 500
    values = {value for each in series for value in each.values()}
    assert not {value for value in values if PERSONAL.search(value)}
