"""The dashboards ask for what the processes expose, in a language Prometheus understands."""

import json
import re
import subprocess

import pytest

from deploy.local.instance import ROOT
from deploy.local.observe import ALERTS
from deploy.observe.dashboards import DASHBOARDS, FOLDER, as_json
from gateway.edge import measures
from kernel.life import metrics, process_metrics

FROM_OTHERS = {
    "up": {"job", "instance"},
    "node_filesystem_avail_bytes": {"mountpoint", "device", "fstype"},
    "node_filesystem_size_bytes": {"mountpoint", "device", "fstype"},
    "process_resident_memory_bytes": set(),
    "process_cpu_seconds_total": set(),
}
BY_SCRAPE = {"process", "job", "instance"}


def exposed() -> dict[str, set[str]]:
    """Each series of ours, the gateway's too, with its labels."""
    assert {measures.REQUESTS, process_metrics.QUEUE}  # their modules register them
    return metrics.names() | FROM_OTHERS


def asked(expression: str) -> dict[str, set[str]]:
    """The series an expression names, with the labels it chooses by."""
    text = re.sub(r"\bby \([^)]*\)", "", expression)
    found: dict[str, set[str]] = {}
    for name, chosen in re.findall(r"\b([a-z][a-z0-9_]+)\b(?:\{([^}]*)\})?(?!\s*[=(!~])", text):
        if not name.startswith(("eiso_", "node_", "process_")) and name != "up":
            continue
        found.setdefault(name, set()).update(re.findall(r"(\w+)\s*[=!]", chosen))
    return found


def grouped(expression: str) -> set[str]:
    return {
        label.strip() for each in re.findall(r"\bby \(([^)]*)\)", expression) for label in each.split(",")
    }


def expressions() -> list[tuple[str, str]]:
    return [
        (f"{dashboard.name}: {panel.title}", expression)
        for dashboard in DASHBOARDS
        for panel in dashboard.panels
        for expression in panel.asked
    ]


@pytest.mark.parametrize("dashboard", DASHBOARDS, ids=lambda each: each.name)
def test_a_dashboard_on_file_is_what_the_code_says(dashboard):
    assert (FOLDER / f"{dashboard.name}.json").read_text("utf-8") == as_json(dashboard)


def test_no_dashboard_is_left_on_file_that_the_code_does_not_know():
    assert {path.stem for path in FOLDER.glob("*.json")} == {each.name for each in DASHBOARDS}


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.stem)
def test_a_dashboard_has_the_shape_grafana_imports(path):
    written = json.loads(path.read_text("utf-8"))
    assert re.fullmatch(r"[a-zA-Z0-9_-]{1,40}", written["uid"])
    assert isinstance(written["title"], str)
    assert isinstance(written["schemaVersion"], int)
    [source] = written["templating"]["list"]
    assert (source["type"], source["query"]) == ("datasource", "prometheus")
    ids, places = [], []
    for panel in written["panels"]:
        assert panel["type"] in ("timeseries", "stat", "bargauge")
        assert panel["title"]
        assert panel["datasource"]["uid"] == f"${{{source['name']}}}"
        assert panel["fieldConfig"]["defaults"]["unit"]
        assert [t["refId"] for t in panel["targets"]] == list("ABCD")[: len(panel["targets"])]
        assert all(target["expr"] and target["legendFormat"] for target in panel["targets"])
        ids.append(panel["id"])
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        places.append((place["x"], place["y"]))
    assert len(set(ids)) == len(ids)
    assert len(set(places)) == len(places)


@pytest.mark.parametrize(("where", "expression"), expressions())
def test_a_panel_asks_for_series_that_are_exposed_by_labels_they_have(where, expression):
    known, named = exposed(), asked(expression)
    assert named, where
    for series, chosen in named.items():
        assert series in known, where
        assert chosen <= known[series] | BY_SCRAPE, where
    anywhere = set.union(*(known[series] for series in named)) | BY_SCRAPE
    assert grouped(expression) <= anywhere, where


def test_an_alarm_asks_for_series_that_are_exposed():
    known = exposed()
    for expression in re.findall(r"expr: (?:>-\n)?(.*?)\n +for:", ALERTS.read_text("utf-8"), re.S):
        for series, chosen in asked(expression).items():
            assert series in known, expression
            assert chosen <= known[series] | BY_SCRAPE, expression


def test_every_figure_is_on_a_dashboard_or_in_an_alarm():
    text = " ".join(expression for _, expression in expressions()) + ALERTS.read_text("utf-8")
    unseen = {
        name
        for name in metrics.names()
        if not re.search(rf"\b{re.sub('_(bucket|sum|count)$', '', name)}(_bucket|_count|_sum)?\b", text)
    }
    assert not unseen


def test_prometheus_understands_every_question(tmp_path):
    rules = [{"record": f"asked:{n}", "expr": expression} for n, (_, expression) in enumerate(expressions())]
    path = tmp_path / "rules.json"
    path.write_text(json.dumps({"groups": [{"name": "asked", "rules": rules}]}))
    done = subprocess.run(["promtool", "check", "rules", path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(rules)} rules found" in done.stdout


def test_the_runbook_says_where_the_dashboards_are():
    assert "deploy/observe/dashboards" in (ROOT / "docs" / "runbook.md").read_text("utf-8")
