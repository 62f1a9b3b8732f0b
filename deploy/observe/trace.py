"""Shows one trace from the files the processes leave: `python -m deploy.observe.trace <trace id>`."""

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.platform import settings
from deploy.speech import complain, say


@dataclass(frozen=True, kw_only=True)
class Span:
    """One span as it was exported; times in nanoseconds since 1970."""

    trace_id: str
    id: str
    parent: str
    process: str
    name: str
    began: int
    ended: int
    failed: str


def read(folder: Path) -> Iterator[Span]:
    """All spans in a folder; a line cut short by a kill is passed over."""
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            try:
                yield from _spans(json.loads(line))
            except json.JSONDecodeError:
                continue


def _spans(written: dict[str, Any]) -> Iterator[Span]:
    for resource in written["resourceSpans"]:
        names = {each["key"]: each["value"] for each in resource["resource"]["attributes"]}
        for scope in resource["scopeSpans"]:
            for each in scope["spans"]:
                yield Span(
                    trace_id=each["traceId"],
                    id=each["spanId"],
                    parent=each["parentSpanId"],
                    process=names["service.name"]["stringValue"],
                    name=each["name"],
                    began=int(each["startTimeUnixNano"]),
                    ended=int(each["endTimeUnixNano"]),
                    failed=each["status"]["message"] if each["status"]["code"] == 2 else "",
                )


def of_trace(folder: Path, trace_id: str) -> list[Span]:
    """The spans of one trace, in the order of their beginning."""
    return sorted((s for s in read(folder) if s.trace_id == trace_id), key=lambda s: s.began)


def lines(spans: Iterable[Span]) -> Iterator[str]:
    """The trace as a tree: when each span began after the first, how long it took, where, and what it was."""
    known = list(spans)
    ids = {span.id for span in known}
    below: dict[str, list[Span]] = defaultdict(list)
    for span in known:
        below[span.parent if span.parent in ids else ""].append(span)
    start = min((span.began for span in known), default=0)
    yield from _branch(below, "", start, 0)


def _branch(below: dict[str, list[Span]], parent: str, start: int, depth: int) -> Iterator[str]:
    for span in below[parent]:
        after, took = (span.began - start) / 1e6, (span.ended - span.began) / 1e6
        mark = f"  ✗ {span.failed}" if span.failed else ""
        yield f"{after:>10.1f} ms {took:>9.1f} ms  {span.process:<10} {'  ' * depth}{span.name}{mark}"
        yield from _branch(below, span.id, start, depth + 1)


def main() -> int:
    """0 if the trace was found."""
    parser = argparse.ArgumentParser(prog="deploy.observe.trace", description="Một dấu vết / one trace")
    parser.add_argument("trace_id", help="x-trace-id của câu trả lời / of an answer")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--platform", type=Path, metavar="FILE")
    which.add_argument("--instance", default=settings.DEFAULT)
    asked = parser.parse_args()
    file = asked.platform or settings.file_of(asked.instance)
    folder = Path(settings.load(file).settings.get("TRACES_TO", "").removeprefix("file://"))
    found = of_trace(folder, asked.trace_id)
    if not found:
        complain("observe_no_trace", trace=asked.trace_id, folder=folder)
        return 1
    say("observe_trace_head")
    print("\n".join(lines(found)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
