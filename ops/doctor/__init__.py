"""`eiso doctor`: what is missing or wrong with a platform, and the remedy for each."""

import argparse
import json
from collections.abc import Iterable, Iterator

from contracts.messages import remedy, text
from deploy.platform.platform import Platform
from deploy.speech import language, said
from ops.chosen_platform import platform_of
from ops.doctor import services, stores
from ops.doctor.finding import Finding


def arguments(parser: argparse.ArgumentParser) -> None:
    """Nothing more than every command has."""


def run(asked: argparse.Namespace) -> int:
    """0 if nothing is wrong, 1 if something is."""
    return show(examine(platform_of(asked)), as_json=asked.json)


def examine(platform: Platform) -> Iterator[Finding]:
    """Servers first: what needs a thing is not asked where that thing is missing."""
    servers = list(stores.findings(platform))
    yield from servers
    if all(finding.is_well for finding in servers):
        yield from services.findings(platform)


def show(found: Iterable[Finding], *, as_json: bool) -> int:
    """Each finding with its remedy; the exit code that they come to."""
    is_well = True
    if as_json:
        findings = list(found)
        print(json.dumps([_as_data(finding) for finding in findings], ensure_ascii=False, indent=1))
        return 0 if all(finding.is_well for finding in findings) else 1
    for finding in found:
        is_well = is_well and finding.is_well
        _print(finding)
    return 0 if is_well else 1


def _print(finding: Finding) -> None:
    print(f"{'✓' if finding.is_well else '✗'} {said(finding.code, **finding.facts)}", flush=True)
    advice = remedy(finding.code, **finding.facts)
    if advice and not finding.is_well:
        print(f"  → {advice[language()]}", flush=True)


def _as_data(finding: Finding) -> dict[str, object]:
    found, advice = text(finding.code, **finding.facts), remedy(finding.code, **finding.facts)
    return {
        "code": finding.code,
        "is_well": finding.is_well,
        "facts": finding.facts,
        "message": {"vi": found.vi, "en": found.en},
        "remedy": {"vi": advice.vi, "en": advice.en} if advice and not finding.is_well else None,
    }
