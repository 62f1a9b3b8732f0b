"""The home page shows a person what runs and whom to sign in as, in both languages."""

import json
import re
from html.parser import HTMLParser

import pytest

from contracts import messages
from gateway.graphql.guard import Guard
from gateway.pages.examples import OFFERED, example
from gateway.pages.routes import PROGRESS_FILE
from gateway.schema.assembled import SCHEMA
from kernel.base.errors import Unavailable
from tests.gateway.fakes import FakeBus, a_clock, client_of

ACCOUNTS = [
    {
        "username": "mo.dinh",
        "password": "Mật-khẩu-thử-20",
        "name": "Đinh Thị Mơ",
        "title": "Thư ký ISO",
        "agency": "Sở Dân tộc <và> Tôn giáo",
        "roles": ["iso_secretary", "a_role_of_tomorrow"],
    }
]


@pytest.fixture
def accounts(tmp_path):
    path = tmp_path / "accounts.json"
    path.write_text(json.dumps(ACCOUNTS), "utf-8")
    return str(path)


async def shown(path: str = "/", bus: FakeBus | None = None, **changes) -> str:
    async with client_of(bus or FakeBus(clock=a_clock()), **changes) as client:
        answer = await client.get(path)
    assert answer.status_code == 200
    return answer.text


@pytest.mark.parametrize(
    ("language", "title"), [("vi", "Tình trạng các tiến trình"), ("en", "State of the processes")]
)
async def test_the_page_is_whole_in_each_language(language, title, accounts):
    page = await shown(f"/?lang={language}", demo_accounts_file=accounts)
    assert f'<html lang="{language}">' in page
    assert title in page
    for name in OFFERED:
        assert messages.text(f"page_example_{name}")[language] in page
    assert "{" not in re.sub(r'(href|data-words)="[^"]*"', "", page)


async def test_any_other_language_is_vietnamese():
    assert '<html lang="vi">' in await shown("/?lang=<script>")


async def test_accounts_are_offered_with_what_is_written_in_their_file(accounts):
    page = await shown(demo_accounts_file=accounts)
    assert "Đinh Thị Mơ" in page
    assert "Sở Dân tộc &lt;và&gt; Tôn giáo" in page
    assert "Thư ký ISO" in page
    assert 'data-username="mo.dinh"' in page
    assert "a_role_of_tomorrow" in page


async def test_while_the_province_is_loading_the_page_says_so():
    page = await shown(demo_accounts_file="/nowhere/accounts.json")
    assert messages.text("page_accounts_none").vi in page


@pytest.mark.parametrize("content", ["{", "[1]", '[{"username": "x"}]', '{"a": 1}'])
async def test_a_broken_file_of_accounts_costs_the_accounts_only(tmp_path, content):
    path = tmp_path / "accounts.json"
    path.write_text(content)
    assert messages.text("page_accounts_none").vi in await shown(demo_accounts_file=str(path))


async def test_business_time_set_apart_is_shown():
    clock = a_clock(is_shifted=True, business_now="2026-08-10T01:00:00Z")
    page = await shown(bus=FakeBus(clock=clock))
    assert "10/08/2026 08:00" in page
    assert "10/08/2026" not in await shown()


async def test_with_the_directory_away_the_page_still_stands_and_says_so():
    away = Unavailable("service_unavailable", service="directory")
    page = await shown(bus=FakeBus(clock=away, public_grant=away))
    assert "chưa sẵn sàng" in page
    assert "The service “directory” is not running" in page


async def test_a_process_that_does_not_answer_is_down():
    page = await shown(health_targets="documents=http://127.0.0.1:9")
    assert '<li class="down">' in page
    assert messages.text("page_why_away").vi in page


async def test_the_part_that_is_renewed_is_the_same_list():
    part = await shown("/processes?lang=en")
    assert part.startswith('<ul class="processes" id="processes">')
    assert "Ready" in part


async def test_every_link_and_script_is_of_this_address_and_is_there(accounts):
    page = await shown(demo_accounts_file=accounts)
    links = re.findall(r'(?:href|src)="([^"#?]+)', page)
    assert {"/static/home.css", "/static/home.js", "/static/icon.svg", "/graphiql"} <= set(links)
    async with client_of(FakeBus(clock=a_clock())) as client:
        for link in set(links):
            assert link.startswith("/")
            assert (await client.get(link)).status_code == 200, link


@pytest.mark.parametrize("name", OFFERED)
def test_an_example_query_is_valid(name):
    Guard(SCHEMA._schema).read(example(name))


@pytest.mark.parametrize("path", ["/", "/graphiql", "/graphql", "/live", "/nowhere", "/static/home.css"])
async def test_every_answer_is_safe_and_traced(client, path):
    answer = await client.get(path)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert re.search(r"script-src [^;]*unsafe", policy) is None
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["x-trace-id"])


async def test_no_page_has_a_script_or_style_of_its_own(accounts):
    for path in ("/", "/graphiql?lang=en"):
        page = await shown(path, demo_accounts_file=accounts)
        assert re.search(r"<script(?![^>]*\ssrc=)|<style|\son\w+=|\sstyle=", page) is None


async def test_an_unknown_address_is_answered_in_both_languages(client):
    answer = await client.get("/nowhere")
    assert answer.status_code == 404
    [error] = answer.json()["errors"]
    assert (error["extensions"]["code"], error["extensions"]["kind"]) == ("page_not_found", "NotFound")


async def test_other_origins_are_let_in_only_when_named():
    origin = {"origin": "https://portal.example"}
    asked = {"json": {"query": "{ clock { isShifted } }"}, "headers": origin}
    async with client_of(FakeBus(clock=a_clock())) as client:
        assert "access-control-allow-origin" not in (await client.post("/graphql", **asked)).headers
    named = {"public_origins": "https://portal.example"}
    async with client_of(FakeBus(clock=a_clock()), **named) as client:
        answer = await client.post("/graphql", **asked)
    assert answer.headers["access-control-allow-origin"] == "https://portal.example"


async def test_alive_and_ready_are_two_questions():
    async with client_of(FakeBus(clock=a_clock())) as client:
        assert (await client.get("/ready")).json() == {
            "process": "gateway",
            "ready": True,
            "faults": {},
        }
    away = FakeBus(clock=Unavailable("service_unavailable", service="directory"))
    async with client_of(away) as client:
        ready, live = await client.get("/ready"), await client.get("/live")
        metrics = await client.get("/metrics")
    assert (ready.status_code, list(ready.json()["faults"])) == (503, ["directory"])
    assert live.status_code == 200
    assert "eiso_call_seconds" in metrics.text


HOSTILE = "<script>alert(1)</script>\"'&"


class Read(HTMLParser):
    """The elements of a page and every text and attribute in it, as a browser reads them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.scripts: list[dict[str, str | None]] = []
        self.texts: list[str] = []
        self.values: list[str | None] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.values += [value for _, value in attrs]
        if tag == "script":
            self.scripts.append(dict(attrs))

    def handle_data(self, data):
        self.texts.append(data)


async def test_hostile_text_stays_text_wherever_the_page_shows_it(tmp_path):
    hostile = {name: f"{HOSTILE}{name}" for name in ("username", "password", "name", "title", "agency")}
    file = tmp_path / "accounts.json"
    file.write_text(json.dumps([hostile | {"roles": [f"{HOSTILE}role"]}]), "utf-8")
    said = {"phase_vi": f"{HOSTILE}phase", "phase_en": "", "done": 1, "total": 2, "finished": False}
    file.with_name(PROGRESS_FILE).write_text(json.dumps(said), "utf-8")
    page = await shown(
        demo_accounts_file=str(file),
        mail_sink_url='http://mail.test/?"><script>',
        health_targets="<script>=http://127.0.0.1:9",
    )
    read = Read(page)
    assert [script["src"] for script in read.scripts] == ["/static/home.js", "/static/board/board.js"]
    for name in ("username", "password", "name", "title", "agency", "role"):
        assert f"{HOSTILE}{name}" in read.texts
    assert any(f"{HOSTILE}phase" in text for text in read.texts)
    assert "<script>" in read.texts
    assert {f"{HOSTILE}username", f"{HOSTILE}password", 'http://mail.test/?"><script>'} <= set(read.values)


@pytest.mark.parametrize("path", ["/", "/processes", "/graphiql"])
async def test_hostile_words_of_the_address_reach_no_page(path):
    assert "<script>alert" not in await shown(f"{path}?lang=<script>alert(1)</script>")
