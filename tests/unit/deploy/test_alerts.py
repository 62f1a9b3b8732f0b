"""Each alarm fires when it should and keeps silent when it should not, as Prometheus itself reckons."""

import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from deploy.local.instance import ROOT
from deploy.local.observe import ALERTS

GROUPS = yaml.safe_load(ALERTS.read_text("utf-8"))["groups"]
RULES = {rule["alert"]: rule for group in GROUPS for rule in group["rules"]}


@dataclass(frozen=True, kw_only=True)
class Case:
    """Series in promtool's notation, one value a minute: some at which an alarm fires, some at which not."""

    fires: dict[str, str]
    labels: dict[str, str]
    silent: dict[str, str]
    at: str = "15m"


DOCUMENTS = {"process": "documents"}
QUEUE = {"queue": "sub-notify.tell_issued"}
IN_QUEUE = 'process="notify",queue="sub-notify.tell_issued"'


def calls(outcome: str, ok: str, other: str) -> dict[str, str]:
    """Calls answered well and otherwise, in two processes' own counters."""
    about = 'process="documents",method="documents.list_documents"'
    return {
        f'eiso_call_seconds_count{{{about},outcome="ok"}}': ok,
        f'eiso_call_seconds_count{{{about},outcome="{outcome}"}}': other,
    }


def reactions(outcome: str) -> str:
    return f'eiso_reaction_seconds_count{{process="notify",method="notify.tell_issued",outcome="{outcome}"}}'


def buckets(family: str, about: str, **counts: str) -> dict[str, str]:
    edges = {"fast": "0.5", "slow": "5", "all": "+Inf"}
    return {f'{family}_bucket{{{about}le="{edges[name]}"}}': value for name, value in counts.items()}


CASES = {
    "ProcessDown": Case(
        fires={'up{job="eiso",process="documents",instance="a"}': "0x20"},
        labels={"job": "eiso", "instance": "a", **DOCUMENTS},
        silent={
            'up{job="eiso",process="documents",instance="a"}': "1x13 0 1x10",
            'up{job="machine",instance="b"}': "0x20",
        },
        at="14m",
    ),
    "BrokerAway": Case(
        fires={'eiso_broker_connected{process="gateway"}': "1x5 0x20"},
        labels={"process": "gateway"},
        silent={'eiso_broker_connected{process="gateway"}': "1x20"},
    ),
    "DatabasePoolUsedUp": Case(
        fires={
            'eiso_database_connections_used{process="documents"}': "10x20",
            'eiso_database_connections_most{process="documents"}': "10x20",
        },
        labels=DOCUMENTS,
        silent={
            'eiso_database_connections_used{process="documents"}': "10 3 10 2 10 4 10 3 10 2 10 3 10 2 10 2",
            'eiso_database_connections_most{process="documents"}': "10x20",
        },
    ),
    "FiguresStale": Case(
        fires={'eiso_sampled_timestamp_seconds{process="documents",what="queues"}': "0+60x5 300x20"},
        labels={"what": "queues", **DOCUMENTS},
        silent={'eiso_sampled_timestamp_seconds{process="documents",what="queues"}': "0+60x20"},
    ),
    "SpansLost": Case(
        fires={'eiso_spans_total{process="documents",outcome="lost"}': "0x5 5+5x20"},
        labels=DOCUMENTS,
        silent={
            'eiso_spans_total{process="documents",outcome="lost"}': "5x20",
            'eiso_spans_total{process="documents",outcome="told"}': "0+9x20",
        },
    ),
    "OutboxLag": Case(
        fires={'eiso_outbox_oldest_seconds{process="documents"}': "0+20x20"},
        labels=DOCUMENTS,
        silent={'eiso_outbox_oldest_seconds{process="documents"}': "50x20"},
    ),
    "MessagesParked": Case(
        fires={f'eiso_queue_messages{{{IN_QUEUE},kind="parked"}}': "1x20"},
        labels=QUEUE,
        silent={
            f'eiso_queue_messages{{{IN_QUEUE},kind="parked"}}': "0x20",
            f'eiso_queue_messages{{{IN_QUEUE},kind="retry"}}': "9x20",
        },
    ),
    "QueueNotDrained": Case(
        fires={f"eiso_queue_not_empty_seconds{{{IN_QUEUE}}}": "0+60x20"},
        labels=QUEUE,
        silent={
            f"eiso_queue_not_empty_seconds{{{IN_QUEUE}}}": "0 60 120 180 240 0 60 120 180 0 60 120 180 240"
        },
    ),
    "QueueUnread": Case(
        fires={f"eiso_queue_readers{{{IN_QUEUE}}}": "0x20"},
        labels=QUEUE,
        silent={f"eiso_queue_readers{{{IN_QUEUE}}}": "1x20"},
    ),
    "ReactionsFail": Case(
        fires={reactions("failed"): "0+1x20"},
        labels={"method": "notify.tell_issued"},
        silent={
            reactions("failed"): "3x20",
            reactions("done"): "0+9x20",
            reactions("repeated"): "0+9x20",
        },
    ),
    "SweepBehind": Case(
        fires={'eiso_backlog_oldest_seconds{process="cases",work="clocks"}': "0+60x20"},
        labels={"process": "cases", "work": "clocks"},
        silent={'eiso_backlog_oldest_seconds{process="cases",work="clocks"}': "90x20"},
    ),
    "MailBehind": Case(
        fires={'eiso_backlog_oldest_seconds{process="notify",work="mail"}': "0+60x20"},
        labels={"process": "notify", "work": "mail"},
        silent={
            'eiso_backlog_oldest_seconds{process="notify",work="mail"}': "200x20",
            'eiso_backlog_oldest_seconds{process="notify",work="mail_being_sent"}': "0x20",
        },
    ),
    "TrailUnsealed": Case(
        fires={'eiso_trail_unsealed_oldest_seconds{process="documents"}': "90x20"},
        labels=DOCUMENTS,
        silent={'eiso_trail_unsealed_oldest_seconds{process="documents"}': "2x20"},
    ),
    "JobWaits": Case(
        fires={'eiso_job_oldest_seconds{process="cases",kind="rebuild",state="queued"}': "0+60x20"},
        labels={"process": "cases", "kind": "rebuild"},
        silent={
            'eiso_job_oldest_seconds{process="cases",kind="rebuild",state="queued"}': "60x20",
            'eiso_job_oldest_seconds{process="cases",kind="rebuild",state="running"}': "5000x20",
        },
    ),
    "DefectShare": Case(
        fires=calls("defect", "0+90x20", "0+10x20"),
        labels=DOCUMENTS,
        silent=calls("defect", "0+900x20", "0+1x20") | calls("refused", "0+900x20", "0+500x20"),
    ),
    "CallsUnavailable": Case(
        fires=calls("unavailable", "0+90x20", "0+10x20"),
        labels=DOCUMENTS,
        silent=calls("unavailable", "0+99x20", "0+1x20"),
    ),
    "SlowCalls": Case(
        fires=buckets(
            "eiso_call_seconds", 'process="documents",', fast="0+90x20", slow="0+100x20", all="0+100x20"
        ),
        labels=DOCUMENTS,
        silent=buckets(
            "eiso_call_seconds", 'process="documents",', fast="0+99x20", slow="0+99x20", all="0+99x20"
        )
        | buckets("eiso_call_seconds", 'process="gateway",', fast="0+1x20", slow="0+99x20", all="0+99x20"),
    ),
    "SlowRequests": Case(
        fires=buckets("eiso_graphql_seconds", "", fast="0+90x20", slow="0+100x20", all="0+100x20"),
        labels={},
        silent=buckets("eiso_graphql_seconds", "", fast="0+99x20", slow="0+100x20", all="0+100x20"),
    ),
    "DiskNearlyFull": Case(
        fires={
            'node_filesystem_avail_bytes{mountpoint="/",device="a"}': "10x20",
            'node_filesystem_size_bytes{mountpoint="/",device="a"}': "100x20",
        },
        labels={"mountpoint": "/"},
        silent={
            'node_filesystem_avail_bytes{mountpoint="/",device="a"}': "20x20",
            'node_filesystem_size_bytes{mountpoint="/",device="a"}': "100x20",
        },
    ),
}


def promtool(*arguments: object) -> str:
    """What Prometheus's own checker says; the test fails if it is not content, or not there."""
    done = subprocess.run(["promtool", *map(str, arguments)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _filled(text: str, labels: dict[str, str]) -> str:
    return re.sub(r"\{\{ \$labels\.(\w+) \}\}", lambda found: labels[found.group(1)], text)


def _expected(alert: str, labels: dict[str, str]) -> dict:
    rule = RULES[alert]
    said = {name: _filled(text, labels) for name, text in rule["annotations"].items()}
    return {"exp_labels": labels | rule["labels"], "exp_annotations": said}


def _test(alert: str, series: dict[str, str], at: str, expected: list[dict]) -> dict:
    return {
        "interval": "1m",
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "alert_rule_test": [{"eval_time": at, "alertname": alert, "exp_alerts": expected}],
    }


def test_every_alarm_has_its_two_cases():
    assert set(CASES) == set(RULES)


def test_each_alarm_fires_when_it_should_and_only_then(tmp_path):
    tests = []
    for alert, case in CASES.items():
        tests.append(_test(alert, case.fires, case.at, [_expected(alert, case.labels)]))
        tests.append(_test(alert, case.silent, case.at, []))
    said = {"rule_files": [str(ALERTS)], "evaluation_interval": "1m", "tests": tests}
    promtool("test", "rules", _written(tmp_path, said))


def test_the_checker_sees_an_alarm_that_fires_unasked(tmp_path):
    wrong = _test("QueueUnread", CASES["QueueUnread"].fires, "15m", [])
    said = {"rule_files": [str(ALERTS)], "evaluation_interval": "1m", "tests": [wrong]}
    with pytest.raises(AssertionError, match="QueueUnread"):
        promtool("test", "rules", _written(tmp_path, said))


def _written(folder: Path, said: dict) -> Path:
    path = folder / "alerts_test.json"
    path.write_text(json.dumps(said))
    return path


def test_an_alarm_speaks_both_languages_and_names_a_page_of_the_runbook():
    runbook = (ROOT / "docs" / "runbook.md").read_text("utf-8")
    pages = {
        re.sub(r"[^\w -]", "", t.lower()).strip().replace(" ", "-")
        for t in re.findall(r"^#+ (.+)$", runbook, re.M)
    }
    for alert, rule in RULES.items():
        assert set(rule["annotations"]) == {"summary_vi", "summary_en", "runbook"}, alert
        file, _, page = rule["annotations"]["runbook"].partition("#")
        assert (file, page) == ("docs/runbook.md", alert.lower())
        assert page in pages, alert


def test_the_rules_are_in_order():
    assert "SUCCESS" in promtool("check", "rules", ALERTS)
