"""Every operators' command explains itself in both languages."""

import re
import subprocess
import sys

import pytest

from contracts.messages import catalogue
from deploy.platform.names import ROOT
from ops.cli import COMMANDS, main


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_in_both_languages(command, capsys):
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    said = " ".join(capsys.readouterr().out.split())
    text = catalogue()[f"ops_help_{command}"].text
    assert ended.value.code == 0
    assert text.vi in said
    assert text.en in said


def test_a_command_there_is_not_is_not_understood(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["undo"])
    assert ended.value.code == 2


def test_a_command_waits_for_the_libraries_of_no_other():
    """All commands together take most of a second to load."""
    loads = "import sys, ops.cli; ops.cli.module_of('clock'); print([*sys.modules])"
    done = subprocess.run([sys.executable, "-c", loads], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "ops.clock" in done.stdout
    assert not {"sqlalchemy", "minio", "pika", "psycopg"} & set(re.findall(r"'(\w+)'", done.stdout))
