"""A refusal gives its facts in words of the reader's language, not in the codes of the schema."""

import inspect
from enum import StrEnum

import pytest

from contracts import every
from contracts.audits.programmes import AuditState
from contracts.messages import catalogue
from kernel.base.errors import Conflict, Forbidden


def _states():
    """Every state and status that a contract knows."""
    for module in every.modules():
        for name, kind in inspect.getmembers(module, inspect.isclass):
            if issubclass(kind, StrEnum) and name.endswith(("State", "Status")):
                yield from kind
    yield from ("reserved", "available", "quarantined")


@pytest.mark.parametrize("state", sorted({str(each) for each in _states()}))
def test_every_state_has_its_word_in_both_languages(state):
    word = catalogue()[f"state_{state}"].text
    assert word.vi
    assert word.en
    assert "_" not in word.vi + word.en


def test_a_refusal_names_the_state_as_a_reader_knows_it():
    refusal = Conflict("not_in_this_state", state=AuditState.UNDER_WAY)
    assert "“đang tiến hành”" in refusal.message.vi
    assert "“under way”" in refusal.message.en


def test_a_refusal_names_the_role_as_a_reader_knows_it():
    refusal = Forbidden("role_beyond_reach", "roles", role="iso_secretary")
    assert "“Thư ký ISO”" in refusal.message.vi
    assert "“ISO secretary”" in refusal.message.en


def test_what_has_no_word_stands_as_it_is():
    assert "“không rõ”" in Conflict("not_in_this_state", state="không rõ").message.vi
