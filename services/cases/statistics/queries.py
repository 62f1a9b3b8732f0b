"""The figures: what is asked of them, and how they are built anew from the event log alone."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, func, insert, select, text
from sqlalchemy.orm import Session

from contracts.cases import statistics as f
from contracts.cases.events import DossierChanged, DossierReceived
from contracts.succession import Attribution
from kernel.base import wire
from kernel.base.errors import Invalid
from kernel.data.database import OPENING, opening
from kernel.data.differences import Difference
from kernel.data.periods import lasts
from kernel.data.tables import outbox
from kernel.trust.reach import Reach
from kernel.work.call import Call
from kernel.work.operations import query
from org import succession
from org.succession import Heirs
from org.tables import agency_nodes
from services.cases.statistics import domain as sums
from services.cases.statistics.domain import MEASURES, Figures
from services.cases.statistics.tables import figures

BY_MONTH = ("received", "finished", "on_time", "late")
MOST_MONTHS = 120
_NOTHING = dict.fromkeys(MEASURES, 0)


@query(f.FiguresOf)
def figures_of(call: Call, question: f.FiguresOf) -> list[f.FiguresView]:
    """The figures of the agencies asked for, as far as the caller reaches them; one question for all."""
    known = succession.heirs(call.session)
    wanted = _asked(call.reach(), question, known)
    if wanted is not None and not wanted:
        return []
    rows = call.session.execute(_sums(question, _counted_for(wanted, question, known))).mappings()
    found = _views(rows, question, known)
    if question.by_document:
        return found
    everybody = _in_force(call) if wanted is None else wanted
    silent = set(everybody) - {each.agency_id for each in found}
    return [*found, *(_nothing(agency, question) for agency in sorted(silent))]


def _views(rows: Iterable[Any], question: f.FiguresOf, known: Heirs) -> list[f.FiguresView]:
    """Rows of agencies as they were then; as now those of one agency and procedure become one."""
    as_now = question.attribution is Attribution.AS_NOW
    found: dict[tuple[UUID, UUID | None], f.FiguresView] = {}
    for row in rows:
        agency_id = known.now(row["agency_id"]) if as_now else row["agency_id"]
        key = (agency_id, row.get("document_id", question.document_id))
        view = found.setdefault(key, f.FiguresView(agency_id=key[0], document_id=key[1], **_NOTHING))
        for measure in MEASURES:
            setattr(view, measure, getattr(view, measure) + row[measure])
    return list(found.values())


@query(f.FiguresByMonth)
def figures_by_month(call: Call, question: f.FiguresByMonth) -> list[f.MonthFigures]:
    """The figures of all agencies asked for together, a row for every month, also for an empty one."""
    months = _months(question.from_month, question.to_month)
    known = succession.heirs(call.session)
    wanted = _counted_for(_asked(call.reach(), question, known), question, known)
    counted = [func.sum(figures.c[measure]).label(measure) for measure in BY_MONTH]
    sums_ = select(figures.c.month, *counted).group_by(figures.c.month)
    sums_ = _narrowed(sums_, question, wanted)
    found = {row["month"]: dict(row) for row in call.session.execute(sums_).mappings()}
    none = dict.fromkeys(BY_MONTH, 0)
    return [f.MonthFigures(**({"month": month} | none | found.get(month, {}))) for month in months]


def rebuilt(session: Session) -> Figures:
    """The figures as the event log has them: the last state of each dossier, counted anew."""
    return sums.summed(_last_states(session))


def rebuild(session: Session) -> None:
    """Put figures counted anew in the place of the kept ones; they are the same unless something broke."""
    # Who counts a dossier meanwhile waits, and then adds to the new figures.
    session.execute(text("lock table figures in share row exclusive mode"))
    session.execute(delete(figures))
    if rows := sums.as_rows(rebuilt(session)):
        session.execute(insert(figures), rows)


def kept(session: Session) -> Figures:
    """The figures as they are kept, in the shape they are rebuilt in."""
    found: Figures = Figures()
    for row in session.execute(select(figures)).mappings():
        key = sums.Key(row["agency_id"], row["document_id"], row["month"])
        found.update({(key, measure): row[measure] for measure in MEASURES if row[measure]})
    return found


def differences(session: Session) -> Iterator[Difference]:
    """Figures that are not what the event log makes of them; both are read at one moment."""
    session.connection(execution_options={OPENING: opening(repeatable=True)})
    expected, found = rebuilt(session), kept(session)
    for key in sorted({key for key, _ in expected.keys() | found.keys()}):
        wrong = [measure for measure in MEASURES if expected[key, measure] != found[key, measure]]
        if wrong:
            yield Difference(
                code="reconcile_figure_differs",
                where="figures",
                key=f"agency_id={key.agency_id}, document_id={key.document_id}, month={key.month:%Y-%m}",
                expected={measure: expected[key, measure] for measure in wrong},
                found={measure: found[key, measure] for measure in wrong},
                facts={"columns": ", ".join(wrong)},
            )


def _last_states(session: Session) -> Iterator[DossierReceived | DossierChanged]:
    states: dict[str, type[DossierReceived | DossierChanged]]
    states = {each.topic: each for each in (DossierReceived, DossierChanged)}
    sums = (
        select(outbox.c.topic, outbox.c.event)
        .where(outbox.c.topic.in_(states))
        .distinct(outbox.c.aggregate_id)
        .order_by(outbox.c.aggregate_id, outbox.c.version.desc())
    )
    for row in session.execute(sums):
        yield wire.load(states[row.topic], row.event)


def _months(first: date, last: date) -> list[date]:
    """The first day of every month from one to the other, both included."""
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    if not 1 <= count <= MOST_MONTHS:
        raise Invalid("months_do_not_fit", "toMonth", limit=MOST_MONTHS)
    places = (first.year * 12 + first.month - 1 + n for n in range(count))
    return [date(place // 12, place % 12 + 1, 1) for place in places]


def _in_force(call: Call) -> list[UUID]:
    """All agencies there are today."""
    node = agency_nodes.c
    there = lasts(node.valid_from, node.valid_to, call.today())
    return list(call.session.scalars(select(node.id).where(there)))


def _asked(reach: Reach, question: f.FiguresOf | f.FiguresByMonth, known: Heirs) -> list[UUID] | None:
    """The agencies to be shown; None for all there are."""
    if question.agency_ids is not None:
        return known.reached(reach, question.agency_ids, question.attribution)
    if reach.everything:
        return None
    as_now = question.attribution is Attribution.AS_NOW
    return list(reach.agency_ids) if as_now else known.lineage(reach.agency_ids)


def _counted_for(
    agencies: list[UUID] | None, question: f.FiguresOf | f.FiguresByMonth, known: Heirs
) -> list[UUID] | None:
    """Whose rows make their figures: as now also those whose dossiers they go on with."""
    if agencies is None or question.attribution is Attribution.AS_THEN:
        return agencies
    return known.lineage(agencies)


def _sums(question: f.FiguresOf, agencies: list[UUID] | None) -> Select[tuple[object, ...]]:
    keys = [figures.c.agency_id] + ([figures.c.document_id] if question.by_document else [])
    counted = [func.sum(figures.c[measure]).label(measure) for measure in MEASURES]
    return _narrowed(select(*keys, *counted).group_by(*keys).order_by(*keys), question, agencies)


def _narrowed(
    wanted: Select[tuple[object, ...]],
    question: f.FiguresOf | f.FiguresByMonth,
    agencies: list[UUID] | None,
) -> Select[tuple[object, ...]]:
    if agencies is not None:
        wanted = wanted.where(figures.c.agency_id.in_(agencies))
    if question.document_id is not None:
        wanted = wanted.where(figures.c.document_id == question.document_id)
    if question.from_month is not None:
        wanted = wanted.where(figures.c.month >= question.from_month.replace(day=1))
    if question.to_month is not None:
        wanted = wanted.where(figures.c.month <= question.to_month)
    return wanted


def _nothing(agency_id: UUID, question: f.FiguresOf) -> f.FiguresView:
    return f.FiguresView(agency_id=agency_id, document_id=question.document_id, **_NOTHING)
