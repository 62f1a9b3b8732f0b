"""The load of a year of work on a whole platform: killed midway, begun again, all there and nothing twice."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from datetime import datetime

import httpx
import pytest

from contracts.messages import text
from demo.lived import plan
from demo.lived.job import SMALL
from demo.lived.journal import Journal, progress_file, read_progress
from demo.lived.registered import WAYS
from demo.province import staff
from deploy.local import servers, status, up
from deploy.local.instance import ROOT
from tests.client import Gateway

INSTANCE = "lived-in"
COMMAND = [sys.executable, "-m", "demo.lived", "--instance", INSTANCE, "--small"]
PAGE = """query($id: UUID!, $after: String) { dossiers(agencyId: $id, first: 100, after: $after) {
    edges { node { number status dueAt finishedAt outcome isOverdue isSynced competentAgency { code } } }
    pageInfo { hasNextPage endCursor } } }"""
OF_AGENCY = """query($id: UUID!) {
    documents(agencyId: $id, first: 100) { edges { node { code } } }
    nonconformities(agencyId: $id, first: 100) { edges { node { description state occurrences } } }
    audits(agencyId: $id, first: 100) { edges { node { state reportedOn } } }
    reviews(agencyId: $id, first: 100) { edges { node { state tasks { state } } } }
    standings(agencyIds: [$id]) { dossiersReceived dossiersLate proceduresInForce lastAuditOn } }"""


@pytest.fixture(scope="module")
def platform():
    servers.remove(INSTANCE)
    with up.running(INSTANCE, demo=("--without-documents", "--small")) as started:
        yield started
    servers.remove(INSTANCE)


@pytest.fixture(scope="module")
def loaded(platform):
    """Killed without a word once dossiers begin to arrive, then run to its end."""
    first = subprocess.Popen(COMMAND, cwd=ROOT)
    limit = time.monotonic() + 120
    while not _has_dossiers(platform):
        assert first.poll() is None
        assert time.monotonic() < limit
        time.sleep(0.05)
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert read_progress(platform.instance)["finished"] is False
    assert subprocess.run(COMMAND, cwd=ROOT, check=False).returncode == 0
    return asyncio.run(_look(platform))


def _has_dossiers(platform) -> bool:
    journal = Journal(platform.instance)
    return any(journal.is_done("dossiers", code) for code in SMALL)


async def _look(platform) -> dict[str, dict]:
    """Agency → everything that a leader of the province sees of it."""
    async with httpx.AsyncClient(base_url=platform.gateway_url, timeout=30) as http:
        head = next(m for m in staff.members() if (m.agency_code, m.key) == ("H42", "head"))
        caller = await Gateway(http).sign_in(head.username, platform.passwords["demo_accounts"])
        listed = await caller.ask("{ agencies(first: 100) { edges { node { id code } } } }")
        ids = {edge["node"]["code"]: edge["node"]["id"] for edge in listed["agencies"]["edges"]}
        return {code: await _look_at(caller, ids[code]) for code in SMALL}


async def _look_at(caller: Gateway, agency_id: str) -> dict:
    seen = await caller.ask(OF_AGENCY, id=agency_id)
    seen = {n: [e["node"] for e in v["edges"]] if "edges" in v else v[0] for n, v in seen.items() if v}
    seen["dossiers"], after = [], None
    while True:
        page = (await caller.ask(PAGE, id=agency_id, after=after))["dossiers"]
        seen["dossiers"] += [edge["node"] for edge in page["edges"]]
        if not page["pageInfo"]["hasNextPage"]:
            return seen
        after = page["pageInfo"]["endCursor"]


@pytest.fixture(scope="module")
def plans(platform, loaded):
    began = Journal(platform.instance).began
    return {a.code: plan.of(a, began) for a in plan.agencies() if a.code in SMALL}


def test_every_dossier_is_there_once_and_stands_as_counted_independently(loaded, plans):
    for code, planned in plans.items():
        synced = {d["number"]: d for d in loaded[code]["dossiers"] if d["isSynced"]}
        assert set(synced) == {each.number for each in planned.dossiers}
        for each in planned.dossiers:
            found = synced[each.number]
            assert found["status"] == each.status.name
            due = found["dueAt"] and datetime.fromisoformat(found["dueAt"])
            assert due == each.due_at, each
            assert (found["outcome"] == "LATE") == each.is_late, each
            assert found["competentAgency"]["code"] == (each.competent or code)


def test_the_figures_are_the_plans(loaded, plans):
    for code, planned in plans.items():
        own = [each for each in planned.dossiers if each.competent is None]
        here = [d for d in loaded[code]["dossiers"] if not d["isSynced"]]
        assert len(here) == len(WAYS)
        late = sum(each.is_late for each in own) + sum(d["outcome"] == "LATE" for d in here)
        standing = loaded[code]["standings"]
        assert (standing["dossiersReceived"], standing["dossiersLate"]) == (len(own) + len(here), late)
        assert standing["proceduresInForce"] == len(planned.procedures)
        assert sorted(d["code"] for d in loaded[code]["documents"]) == [t.code for t in planned.procedures]


def test_every_lateness_is_in_the_register_once(loaded, plans):
    now, of_the_whole = datetime.now().astimezone(), text("whole_procedure").vi
    for code, planned in plans.items():
        expected = sum(each.is_overdue(now) for each in planned.dossiers if each.competent is None)
        here = [d for d in loaded[code]["dossiers"] if not d["isSynced"]]
        expected += sum(d["isOverdue"] or d["outcome"] == "LATE" for d in here)
        entries = [n for n in loaded[code]["nonconformities"] if of_the_whole in n["description"]]
        assert sum(entry["occurrences"] for entry in entries) == expected
        assert len({entry["state"] for entry in loaded[code]["nonconformities"]}) > 1


def test_a_third_run_changes_nothing(platform, loaded):
    before = progress_file(platform.instance).read_text()
    watched = subprocess.Popen([*COMMAND, "--ends-with-input"], cwd=ROOT, stdin=subprocess.PIPE)
    assert watched.wait(timeout=60) == 0, "as `make run` starts it"
    again = asyncio.run(_look(platform))
    assert _counts(again) == _counts(loaded)
    assert progress_file(platform.instance).read_text() == before
    assert os.stat(progress_file(platform.instance)).st_mode & 0o777 == 0o600


def _counts(seen):
    return {
        code: {name: len(found) for name, found in parts.items() if isinstance(found, list)}
        for code, parts in seen.items()
    }


def test_nothing_is_parked_and_every_process_is_ready(platform, loaded):
    done = subprocess.run(
        [sys.executable, "-m", "ops", "doctor", "--json", "--instance", INSTANCE],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert [finding["code"] for finding in json.loads(done.stdout) if not finding["is_well"]] == []
    assert {state.name for state in status.states_of(platform) if not state.is_ready} == set()
