"""What a command says that could not do its work, and how it ends."""

import pytest

from ops.people import _write
from ops.signed_in import CouldNot, come_out


async def _ending(error):
    raise error


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ConnectionResetError("reset"), "cổng GraphQL"),
        (CouldNot("people_report_unwritable", file="kq.csv", what="đầy"), "kq.csv: đầy"),
    ],
)
def test_what_kept_it_from_its_work_is_named_and_the_command_fails(capsys, error, said):
    assert come_out(_ending(error)) == 2
    assert said in capsys.readouterr().err


def test_a_report_that_cannot_be_written_is_named_as_that(tmp_path):
    with pytest.raises(CouldNot) as refused:
        _write(tmp_path / "away" / "kq.csv", [])
    assert (refused.value.code, refused.value.facts["file"]) == ("people_report_unwritable", "kq.csv")
