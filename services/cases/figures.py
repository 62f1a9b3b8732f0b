"""The figures: what is asked of them, and how they are built anew from the event log alone."""

from collections.abc import Iterable, Iterator
from uuid import UUID

from sqlalchemy import Select, delete, func, insert, select, text
from sqlalchemy.orm import Session

from contracts import cases as c
from contracts.dossiers import DossierChanged, DossierReceived
from kernel import wire
from kernel.call import Call
from kernel.data.tables import outbox
from kernel.trust.visibility import Reach
from kernel.upkeep.differences import Difference
from services.cases.domain import figures as sums
from services.cases.domain.figures import MEASURES, Figures
from services.cases.tables import figures


def figures_of(call: Call, question: c.FiguresOf) -> list[c.FiguresView]:
    """The figures of the agencies asked for, as far as the caller reaches them; one question for all."""
    wanted = _asked(call.reach(), question)
    if wanted is not None and not wanted:
        return []
    rows = call.session.execute(_sums(question, wanted)).mappings()
    found = [c.FiguresView(**({"document_id": question.document_id} | dict(row))) for row in rows]
    if question.by_document or question.agency_ids is None:
        return found
    silent = set(wanted or ()) - {each.agency_id for each in found}
    return [*found, *(_nothing(agency, question) for agency in sorted(silent))]


def rebuilt(session: Session) -> Figures:
    """The figures as the event log tells them: the last state of each dossier, counted anew."""
    return sums.summed(_last_states(session))


def rebuild(session: Session) -> None:
    """Put figures counted anew in the place of the kept ones; they are the same unless something broke."""
    # Who counts a dossier meanwhile waits, and then adds to the new figures.
    session.execute(text("lock table figures in share row exclusive mode"))
    session.execute(delete(figures))
    if rows := sums.rows(rebuilt(session)):
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
    session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    told, found = rebuilt(session), kept(session)
    for key in sorted({key for key, _ in told.keys() | found.keys()}):
        wrong = [measure for measure in MEASURES if told[key, measure] != found[key, measure]]
        if wrong:
            yield Difference(
                code="reconcile_figure_differs",
                where="figures",
                key=f"agency_id={key.agency_id}, document_id={key.document_id}, month={key.month:%Y-%m}",
                expected={measure: told[key, measure] for measure in wrong},
                found={measure: found[key, measure] for measure in wrong},
                facts={"columns": ", ".join(wrong)},
            )


def _last_states(session: Session) -> Iterator[DossierReceived | DossierChanged]:
    states: dict[str, type[DossierReceived | DossierChanged]]
    states = {each.topic: each for each in (DossierReceived, DossierChanged)}
    told = (
        select(outbox.c.topic, outbox.c.event)
        .where(outbox.c.topic.in_(states))
        .distinct(outbox.c.aggregate_id)
        .order_by(outbox.c.aggregate_id, outbox.c.version.desc())
    )
    for row in session.execute(told):
        yield wire.load(states[row.topic], row.event)


def _asked(reach: Reach, question: c.FiguresOf) -> list[UUID] | None:
    """The agencies to be shown; None for all there are."""
    if question.agency_ids is None:
        return None if reach.everything else list(reach.agency_ids)
    asked: Iterable[UUID] = dict.fromkeys(question.agency_ids)
    return [each for each in asked if reach.everything or each in reach.agency_ids]


def _sums(question: c.FiguresOf, agencies: list[UUID] | None) -> Select[tuple[object, ...]]:
    keys = [figures.c.agency_id] + ([figures.c.document_id] if question.by_document else [])
    counted = [func.sum(figures.c[measure]).label(measure) for measure in MEASURES]
    wanted = select(*keys, *counted).group_by(*keys).order_by(*keys)
    if agencies is not None:
        wanted = wanted.where(figures.c.agency_id.in_(agencies))
    if question.document_id is not None:
        wanted = wanted.where(figures.c.document_id == question.document_id)
    if question.from_month is not None:
        wanted = wanted.where(figures.c.month >= question.from_month.replace(day=1))
    if question.to_month is not None:
        wanted = wanted.where(figures.c.month <= question.to_month)
    return wanted


def _nothing(agency_id: UUID, question: c.FiguresOf) -> c.FiguresView:
    none = dict.fromkeys(MEASURES, 0)
    return c.FiguresView(agency_id=agency_id, document_id=question.document_id, **none)
