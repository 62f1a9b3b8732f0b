"""Spans: nothing where they are off; where they are on, the right parents and never more than is bounded."""

import json
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from kernel.base import wire
from kernel.life import metrics, otlp, traces

GIVEN = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture
def said(tmp_path):
    """Spans on; what was exported is read after they are off again."""
    traces.start("documents", f"file://{tmp_path}")
    yield lambda: (traces.stop(), _spans(tmp_path / "documents.jsonl"))[1]
    traces.stop()


def _spans(path) -> dict[str, dict]:
    lines = (json.loads(line) for line in path.read_text("utf-8").splitlines())
    return {
        span["name"]: span
        for line in lines
        for resource in line["resourceSpans"]
        for scope in resource["scopeSpans"]
        for span in scope["spans"]
    }


def test_what_is_off_hands_on_what_it_was_given():
    with traces.span("documents.issue_revision", parent=GIVEN) as span:
        traces.waits("event", 1, "create")
        span.note(outcome="ok")
    assert span.traceparent == GIVEN
    assert traces.span("any").traceparent is None
    assert not traces.are_on()


def test_an_empty_address_switches_nothing_on():
    traces.start("documents", "")
    assert not traces.are_on()


def test_a_span_stands_below_the_one_it_was_given_and_below_the_one_around_it(said):
    with (
        traces.span("call", traces.Kind.SERVER, parent=GIVEN, topic="t") as outer,
        traces.span("inside") as inner,
    ):
        assert wire.trace_id(inner.traceparent) == TRACE
        assert outer.traceparent != GIVEN
    spans = said()
    assert {span["traceId"] for span in spans.values()} == {TRACE}
    assert spans["call"]["parentSpanId"] == "b7ad6b7169203331"
    assert spans["call"]["kind"] == 2
    assert spans["call"]["attributes"] == [{"key": "eiso.topic", "value": {"stringValue": "t"}}]
    assert spans["inside"]["parentSpanId"] == spans["call"]["spanId"]


def test_who_takes_up_a_row_later_knows_its_parent_by_its_id(said):
    with traces.span("call", parent=GIVEN):
        traces.waits("event", "01a0", "create")
    parent = traces.after_waiting("event", "01a0", TRACE)
    traces.span("publish", parent=parent).end()
    spans = said()
    assert spans["create"]["parentSpanId"] == spans["call"]["spanId"]
    assert spans["publish"]["parentSpanId"] == spans["create"]["spanId"]


def test_a_row_without_a_trace_begins_one(said):
    assert traces.after_waiting("event", "01a0", None) is None
    traces.waits("event", "01a0", "nobody asked")
    traces.span("publish").end()
    spans = said()
    assert spans["publish"]["parentSpanId"] == ""
    assert "nobody asked" not in spans


def test_a_failure_is_named_and_not_quoted(said):
    with pytest.raises(ValueError), traces.span("call"):
        raise ValueError("Nguyễn Văn A, 0912345678")
    assert said()["call"]["status"] == {"code": 2, "message": "ValueError"}


def test_all_processes_choose_the_same_share_of_traces(tmp_path):
    ids = [f"{n:032x}" for n in range(2**60, 2**60 + 2**64, 2**58)]
    chosen = []
    for process in ("gateway", "documents"):
        traces.start(process, f"file://{tmp_path}", 0.5)
        for trace_id in ids:
            traces.span(trace_id, parent=f"00-{trace_id}-{'1' * 16}-01").end()
        traces.stop()
        chosen.append(set(_spans(tmp_path / f"{process}.jsonl")))
    assert chosen[0] == chosen[1]
    assert 0 < len(chosen[0]) < len(ids)


def test_a_file_of_spans_grows_no_further_than_its_bound(tmp_path, monkeypatch):
    monkeypatch.setattr(otlp, "FILE_BYTES", 1000)
    file = otlp.ToFile(tmp_path / "x.jsonl")
    for _ in range(10):
        file.send(b"a" * 400)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.1.jsonl", "x.jsonl"]
    assert all(path.stat().st_size <= 1000 for path in tmp_path.iterdir())


def test_spans_that_nobody_takes_are_counted_and_let_go(said):
    before = metrics.REGISTRY.get_sample_value("eiso_spans_total", {"outcome": "lost"}) or 0
    traces.stop()
    traces.start("documents", "http://127.0.0.1:9/v1/traces")
    traces.span("call").end()
    traces.stop()
    assert metrics.REGISTRY.get_sample_value("eiso_spans_total", {"outcome": "lost"}) == before + 1


def test_a_collector_is_posted_otlp():
    taken = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            taken.append((self.path, self.headers["content-type"], json.loads(body)))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_): ...

    server = HTTPServer(("127.0.0.1", 0), Collector)
    with server, ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(server.handle_request)
        traces.start("documents", f"http://127.0.0.1:{server.server_port}/v1/traces")
        traces.span("call").end()
        traces.stop()
        waiting.result(10)
    [(path, kind, body)] = taken
    assert (path, kind) == ("/v1/traces", "application/json")
    [resource] = body["resourceSpans"]
    assert resource["resource"]["attributes"][0]["value"] == {"stringValue": "documents"}
    assert resource["scopeSpans"][0]["spans"][0]["name"] == "call"
