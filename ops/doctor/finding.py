"""What a check found: a text of the catalogue with its facts, and whether that is well."""

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One line of the doctor's report; the remedy stands beside the text in the catalogue."""

    code: str
    is_well: bool
    facts: dict[str, str] = field(default_factory=dict)


def well(code: str, **facts: str) -> Finding:
    return Finding(code=code, is_well=True, facts=facts)


def wrong(code: str, **facts: str) -> Finding:
    return Finding(code=code, is_well=False, facts=facts)
