"""Business figures by agency, measured for the operators: the agencies with the most, the rest together."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from kernel.data.waiting import PATIENCE
from kernel.life import metrics, process_metrics

MOST_AGENCIES = 20
OTHERS = "other"
_CODES = text("select id, code from agency_nodes where id = any(:ids)")


@dataclass(frozen=True, kw_only=True)
class AgencyFigure:
    """A business figure; `counted` is SQL for agency and number, one row an agency."""

    name: str
    counted: str


def measure_agencies(session: Session, wanted: Iterable[AgencyFigure]) -> None:
    """Business figures of the agencies with the most; the rest stand together, so that labels stay few."""
    session.execute(PATIENCE)
    rows: list[tuple[tuple[str, ...], float]] = []
    for each in wanted:
        counted = sorted(session.execute(text(each.counted)).all(), key=lambda row: (-row[1], str(row[0])))
        most, others = counted[:MOST_AGENCIES], sum(row[1] for row in counted[MOST_AGENCIES:])
        codes = {row.id: row.code for row in session.execute(_CODES, {"ids": [row[0] for row in most]})}
        # An agency the directory has not published yet has no code: its figure counts among the others.
        others += sum(row[1] for row in most if row[0] not in codes)
        rows += [((each.name, codes[row[0]]), row[1]) for row in most if row[0] in codes]
        rows.append(((each.name, OTHERS), others))
    metrics.fill(process_metrics.AGENCY, rows)
