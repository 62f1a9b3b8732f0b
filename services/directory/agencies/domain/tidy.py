"""The facts of an agency in the form in which they are kept."""

from dataclasses import fields

from contracts.directory.agencies import AgencyParticulars
from kernel.base.errors import Invalid
from services.directory.agencies.domain.agency import AgencyPeriod

AMENDABLE = ("code", "name", "short_name", "kind", "parent_id", *(f.name for f in fields(AgencyParticulars)))


def tidy(period: AgencyPeriod, path: str = "") -> AgencyPeriod:
    """Names without blanks to spare; an alias is never the code itself."""
    for name, called in (("name", "name"), ("short_name", "shortName")):
        words = " ".join(getattr(period, name).split())
        if not words:
            raise Invalid("name_is_blank", f"{path}.{called}".strip("."))
        setattr(period, name, words)
    period.aliases = [alias for alias in dict.fromkeys(period.aliases) if alias != period.code]
    return period
