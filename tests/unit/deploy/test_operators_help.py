"""Every operators' command explains itself in both languages."""

import pytest

from contracts.messages import catalogue
from ops.cli import COMMANDS, main


@pytest.mark.parametrize("command", [module.NAME for module in COMMANDS])
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
