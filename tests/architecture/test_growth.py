"""What growth costs: the files that a new field and a new command touch, counted by adding them to a copy.

Each addition follows docs/architecture.md. In the copy the schema is written anew, as `make schema` does, and
the tests that hold services, rights and descriptions together pass. What `make` writes is not counted.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source import ROOT

CONTRACT = "contracts/cases/dossiers.py"
MEANING = "contracts/descriptions/cases/dossiers.toml"
HANDLER = "services/cases/dossiers/handlers/working.py"
POLICY = "services/cases/policy.py"
SENTENCE = "tests/invariants/cases.toml"
HELD_TOGETHER = (
    "tests/architecture/test_promises.py",
    "tests/invariants/test_tables.py",
    "tests/gateway/test_descriptions.py",
    "tests/contract/test_answers.py",
    "tests/contract/test_forms.py",
)


class Copy:
    """The tracked files of the repository in a folder of their own, and what was changed in them."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.touched = folder, set[str]()
        listed = subprocess.run(
            ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True
        )
        for name in listed.stdout.decode().splitlines():
            if (ROOT / name).is_file() and not name.startswith(("docs/proof", "gateway/static")):
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / name, folder / name)

    def after(self, name: str, anchor: str, added: str) -> None:
        """Add text behind an anchor that stands there once."""
        path = self.folder / name
        text = path.read_text("utf-8")
        assert text.count(anchor) == 1, f"{name}: {anchor}"
        path.write_text(text.replace(anchor, anchor + added), "utf-8")
        self.touched.add(name)

    def new(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, "utf-8")
        self.touched.add(name)

    def python(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments], cwd=self.folder, capture_output=True, text=True, timeout=300
        )
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
        return done.stdout


@pytest.fixture
def copy(tmp_path):
    return Copy(tmp_path / "copy")


def test_a_new_optional_field_touches_four_files(copy):
    copy.after(CONTRACT, FINISH, "    place: Prose | None = None\n")
    copy.new(MEANING, meaning(copy, "FinishDossier", "place"))
    copy.after(HANDLER, "    opened.dossier.finish(opened.by)\n", "    call.because(command.place)\n")
    copy.new("tests/unit/cases/test_place.py", FIELD_TEST)
    assert len(copy.touched) <= 4
    copy.python("-m", "gateway.schema")
    assert "place: String" in block(copy, "input FinishDossierInput {")
    copy.python("-m", "pytest", "-q", *HELD_TOGETHER, "tests/unit/cases/test_place.py")


def test_a_new_command_touches_five_files(copy):
    copy.after(CONTRACT, FINISH, COMMAND)
    copy.new(HANDLER, (copy.folder / HANDLER).read_text("utf-8") + COMMAND_HANDLER)
    copy.after(POLICY, ROW, ROW.replace("finish_dossier", "withdraw_dossier"))
    copy.after(SENTENCE, 'do = ["hand_over"', ', "withdraw_dossier"')
    copy.new("tests/unit/cases/test_withdrawn.py", COMMAND_TEST)
    assert len(copy.touched) <= 5
    copy.python("-m", "gateway.schema")
    assert "): DossierResult" in block(copy, "  withdrawDossier(")[:200]
    copy.python("-m", "pytest", "-q", *HELD_TOGETHER, "tests/unit/cases/test_withdrawn.py")


def meaning(copy: Copy, shape: str, field: str) -> str:
    """The descriptions with one more, in the table of its shape."""
    text = (copy.folder / MEANING).read_text("utf-8")
    said = f'{field} = "Where the result is handed out."\n'
    head = f"[{shape}]\n"
    return text.replace(head, head + said) if head in text else f"{text}\n{head}{said}"


def block(copy: Copy, head: str) -> str:
    """The part of the schema that begins so."""
    schema = (copy.folder / "gateway" / "schema.graphql").read_text("utf-8")
    return schema.partition(head)[2].partition("\n}")[0]


FINISH = '''class FinishDossier(Command[DossierView]):
    """The result is there: the last step ends and with it the dossier."""

    dossier_id: UUID
    expected_version: int
    note: Prose | None = None
'''
ROW = '    row("finish_dossier", relation=Relation.WITHIN, roles=OFFICERS),\n'
COMMAND = '''

@dataclass(kw_only=True)
class WithdrawDossier(Command[DossierView]):
    """The applicant takes the dossier back."""

    dossier_id: UUID
    expected_version: int
    reason: Reason
'''
COMMAND_HANDLER = '''

@command(c.WithdrawDossier)
def withdraw_dossier(call: Call, command: c.WithdrawDossier) -> c.DossierView:
    """End it without a result."""
    opened = Opened(call, command.dossier_id, command.expected_version)
    opened.dossier.stop(opened.by)
    call.because(command.reason)
    return opened.shown()
'''
FIELD_TEST = """from uuid import uuid4

from contracts.cases.dossiers import FinishDossier
from kernel.base import wire


def test_the_place_is_optional():
    given = {"request_id": uuid4(), "dossier_id": uuid4(), "expected_version": 1}
    assert wire.load(FinishDossier, wire.dump(FinishDossier(**given))).place is None
"""
COMMAND_TEST = """from services.cases.service import CasesService


def test_it_is_handled():
    assert CasesService.operations["withdraw_dossier"].writes
"""
