"""Every key of the catalogue that code puts together from parts is there, for every value of its parts.

A key that is missing would be found only by the person whose dossier first asks for it, as an internal error.
"""

import ast
import re
from collections.abc import Iterator
from itertools import product

import pytest

from contracts.directory.hand_overs import SigningPart
from contracts.directory.imports import RowVerdict
from contracts.directory.roles import Role
from contracts.duties import DutyKind, DutySubject
from contracts.messages import catalogue
from ops import agencies, cli, people
from services.audits.minutes import rendering
from services.cases.deadlines import domain as deadlines
from services.notify import rules
from tests.architecture.source import files
from worktime.arithmetic import SegmentKind

SPEAKING = ("contracts", "kernel", "org", "services", "gateway", "ops", "deploy", "client", "demo")
ASKING = {"text", "both", "said", "say", "complain", "remedy"}
KEY = re.compile(r"[a-z_]*(\{\}[a-z_]*)+")
NOTICES = sorted({rule.kind for rule in rules.audiences()})
DIGESTED = sorted({kind for rule in rules.digests() for kind in rule.kinds})
SEGMENTS = (
    *SegmentKind,
    deadlines.COUNTED,
    deadlines.ROLLED,
    deadlines.PAUSED,
    deadlines.AFTER_CUT_OFF,
)
NAMED_SEGMENTS = ("worked", "special_day_off", "after_cut_off")
"""Working time on a day that makes up for one bears that day's name, also the part after the cut-off."""
ACTS_ON_PARKED = ("replay", "drop")
BASIS = ("number", "issued_on", "issued_by", "subject")
SHEETS = [(shape.heading, name) for shape in (agencies.AGENCIES, people.PEOPLE) for name in shape.columns]
VALUES: dict[str, list[tuple[str, ...]]] = {
    "segment_{}": [(each,) for each in SEGMENTS],
    "segment_{}_named": [(each,) for each in NAMED_SEGMENTS],
    "notice_{}_{}": list(product(NOTICES, ("subject", "body"))),
    "digest_kind_{}": [(each,) for each in DIGESTED],
    "mail_{}": [("when",), ("from",), ("to",), ("subject",)],
    "minute_{}": [(each,) for each in (*rendering.SAYS, *SigningPart)],
    "duty_{}": [(each,) for each in DutyKind],
    "duty_subject_{}": [(each,) for each in DutySubject],
    "role_{}": [(each,) for each in Role],
    "role_{}_purpose": [(each,) for each in Role],
    "ops_help_{}": [(each,) for each in cli.COMMANDS],
    "ops_help_agencies_basis_{}": [(each,) for each in BASIS],
    "ops_replay_{}": [("claimed",), ("offered",), ("withheld",)],
    "ops_parked_would_{}": [(each,) for each in ACTS_ON_PARKED],
    "ops_parked_did_{}": [(each,) for each in ACTS_ON_PARKED],
    "{}_{}": SHEETS,
    "import_column_{}": [(name,) for name in people.PEOPLE.columns],
    "people_report_{}": [
        (each,) for each in ("line", "staff_number", "full_name", "verdict", "remarks", "remedies")
    ],
    "people_verdict_{}": [(each,) for each in RowVerdict],
}


def composed(source: str) -> Iterator[str]:
    """Keys with a part that is known only when the program runs, that part written `{}`."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(
                args=[ast.JoinedStr() as key, *_], func=ast.Name(id=name) | ast.Attribute(attr=name)
            ):
                is_asked = name.strip("_") in ASKING
            case ast.Subscript(value=ast.Call(func=function), slice=ast.JoinedStr() as key):
                is_asked = ast.unparse(function).endswith("catalogue")
            case _:
                continue
        parts = [str(each.value) if isinstance(each, ast.Constant) else "{}" for each in key.values]
        if is_asked and KEY.fullmatch("".join(parts)):
            yield "".join(parts)


def test_every_place_that_composes_a_key_is_known_here():
    found = {key for path in files(*SPEAKING) for key in composed(path.read_text("utf-8"))}
    assert found == set(VALUES), "name the values of a new key's parts here"


@pytest.mark.parametrize("pattern", VALUES)
def test_every_value_has_its_text(pattern):
    keys = [pattern.format(*values) for values in VALUES[pattern]]
    assert [key for key in keys if key not in catalogue()] == []


def test_a_composed_key_would_be_found():
    assert [*composed('say(f"due_{kind}_{part}", n=1)\ntext(f"select {x}")\ncatalogue()[f"a_{b}"]')] == [
        "due_{}_{}",
        "a_{}",
    ]
