"""Choosing a password: judged by how many guesses it takes, not by which kinds of signs it has."""

from collections.abc import Iterable
from dataclasses import dataclass

from zxcvbn import zxcvbn

from kernel.base.errors import Invalid
from kernel.base.text import fold

JUDGED = 72
"""Signs of a password that are judged: the time it takes grows with their square."""


@dataclass(frozen=True, kw_only=True)
class PasswordRule:
    """How hard to guess a password must be, on zxcvbn's scale, and words that are common here."""

    least_score: int
    words: tuple[str, ...]
    basis: str


def check_password(
    rule: PasswordRule,
    username: str,
    password: str,
    *,
    field: str,
    about: Iterable[str] = (),
    current: str | None = None,
) -> None:
    """Refuse one that is commonly chosen, made of what is known of the person, or is the current one.

    `about`: the person's name and the like. NIST SP 800-63B: no rule of composition, which only makes people
    choose alike.
    """
    folded = fold(password)
    if fold(username) in folded:
        raise Invalid("password_holds_name", field)
    known = {part for text in (username, *about) for part in _parts(text)}
    common = [*rule.words, *sorted(known)]
    # Also without what stands between the words: nobody's name is hard to guess for its blanks.
    judged = {folded[:JUDGED], "".join(filter(str.isalnum, folded))[:JUDGED]} - {""}
    if min(zxcvbn(each, user_inputs=common)["score"] for each in judged) < rule.least_score:
        raise Invalid("password_too_easy", field)
    if password == current:
        raise Invalid("password_unchanged", field)


def _parts(text: str) -> set[str]:
    """A name as people put it into passwords: its words, and all of them in one."""
    folded = fold(text)
    words = "".join(each if each.isalnum() else " " for each in folded).split()
    return {*(word for word in words if len(word) > 1), "".join(words)}
