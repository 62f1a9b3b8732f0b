"""`eiso doctor`: what is missing or wrong with a platform, and the remedy for each."""

import argparse
import json
from collections.abc import Iterator

from contracts.messages import remedy, text
from deploy.local.instance import Instance
from deploy.local.platform import Platform, UnknownFormat, load
from ops.doctor import machine, services, stores
from ops.doctor.finding import Finding
from ops.speech import language, said

NAME = "doctor"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Nothing more than every command has."""


def run(asked: argparse.Namespace) -> int:
    """0 if nothing is wrong."""
    findings = list(examine(Instance.named(asked.instance)))
    if asked.json:
        print(json.dumps([_as_data(finding) for finding in findings], ensure_ascii=False, indent=1))
    else:
        for finding in findings:
            _print(finding)
    return 0 if all(finding.is_well for finding in findings) else 1


def examine(instance: Instance) -> Iterator[Finding]:
    """From the machine up: what needs a thing is not asked where that thing is missing."""
    yield from machine.findings(instance)
    platform = _platform(instance)
    if isinstance(platform, Finding):
        yield platform
        return
    yield from machine.findings_of_ports(platform)
    servers = list(stores.findings(platform))
    yield from servers
    if all(finding.is_well for finding in servers):
        yield from services.findings(platform)


def _platform(instance: Instance) -> Platform | Finding:
    try:
        return load(instance)
    except FileNotFoundError:
        return Finding(code="ops_never_started", is_well=False, facts={"instance": instance.name})
    except UnknownFormat as failure:
        return Finding(code="ops_old_format", is_well=False, facts={"what": str(failure)})


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
