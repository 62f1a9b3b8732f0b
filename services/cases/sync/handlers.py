"""Takes over what another system reports of its dossiers: line by line, each with its own verdict."""

from collections import Counter
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import select

from contracts.cases import sync as c
from contracts.cases.sync import LineVerdict, SyncedDossier, VerdictKind
from kernel.base.errors import Conflict, Invalid, Refusal
from kernel.work.call import Call
from kernel.work.operations import command
from org import succession
from org.succession import Heirs
from org.tables import agency_nodes
from services.cases import rules
from services.cases.clocks import calendars
from services.cases.clocks.moments import this_second
from services.cases.dossiers.domain.dossier import Dossier
from services.cases.dossiers.handlers.receiving import (
    brought_by,
    check_receipt,
    clock_of,
    local_day,
    opened,
    started,
)
from services.cases.dossiers.repository import DossierRepository
from services.cases.learnt.appointed import check_still_appointed
from services.cases.links.handlers import Ties
from services.cases.procedures import repository as procedures
from services.cases.succession.domain import follow
from services.cases.sync import domain as synced
from services.cases.sync import lines
from services.cases.sync.lines import BadLine, ReadLine


@command(c.UpsertDossiers)
def upsert_dossiers(call: Call, command: c.UpsertDossiers) -> c.SyncReport:
    """Every line that can be taken is taken; one that cannot says why and harms no other."""
    call.require(agency_id=command.agency_id)
    check_still_appointed(call)
    verdicts = _Lines(call, command.agency_id).take(lines.read(command.lines))
    counts = Counter(each.verdict for each in verdicts)
    report = c.SyncReport(
        created=counts[VerdictKind.CREATED],
        updated=counts[VerdictKind.UPDATED],
        unchanged=counts[VerdictKind.UNCHANGED],
        refused=counts[VerdictKind.REFUSED],
        verdicts=verdicts,
    )
    after = {kind.value: counts[kind] for kind in VerdictKind}
    call.leave_trail(
        subject_type="Sync", subject_id=command.request_id, agency_id=command.agency_id, after=after
    )
    return report


class _Lines:
    """The lines of one call against the dossiers they are about, which are loaded and written at once."""

    def __init__(self, call: Call, agency_id: UUID) -> None:
        self.call, self.agency_id = call, agency_id
        self.now = this_second(call)
        self.reasons = frozenset(rules.pause_reasons(call.today()))
        self.repository = DossierRepository(call)
        self.heirs = succession.heirs(call.session)
        self.known: dict[str, Dossier] = {}
        self.shared: set[str] = set()
        self.procedures: dict[Any, Any] = {}
        self.agencies: dict[str, UUID | None] = {}
        self.ties = Ties(call.session, agency_id, call.today())
        self.brought_by = brought_by(call)

    def take(self, found: Iterable[ReadLine | BadLine]) -> list[LineVerdict]:
        """All verdicts, in the order of the lines."""
        every = list(found)
        read = [each for each in every if isinstance(each, ReadLine)]
        verdicts = [_refused(each.line, each.no, each.number) for each in every if isinstance(each, BadLine)]
        self._load({each.record.number for each in read})
        changed: dict[str, Dossier] = {}
        for each in read:
            verdict = self._verdict(each)
            verdicts.append(verdict)
            if verdict.verdict in (VerdictKind.CREATED, VerdictKind.UPDATED):
                changed[each.record.number] = self.known[each.record.number]
        self.repository.write_derived(list(changed.values()))
        return sorted(verdicts, key=lambda verdict: verdict.line)

    def _load(self, numbers: set[str]) -> None:
        found = self.repository.by_numbers(self.agency_id, numbers)
        self.known = {number: same[0] for number, same in found.items()}
        self.shared = {number for number, same in found.items() if len(same) > 1}

    def _verdict(self, each: ReadLine) -> LineVerdict:
        record = each.record
        try:
            kind = self._take(record)
        except Refusal as no:
            return _refused(each.line, no, record.number)
        found = self.known[record.number]
        return LineVerdict(line=each.line, verdict=kind, dossier_id=found.id, number=record.number)

    def _take(self, record: SyncedDossier) -> VerdictKind:
        """Everything that can be refused is refused before anything changes."""
        synced.check(record, self.now, self.reasons)
        if record.number in self.shared:
            raise Conflict("dossier_number_shared", "number", number=record.number)
        before = self.known.get(record.number)
        if before is not None and not before.is_synced:
            raise Conflict("dossier_kept_here", "number")
        if before is not None and not synced.is_news(before, record):
            return VerdictKind.UNCHANGED
        made = self._made(record, before)
        if before is None:
            self.known[record.number] = made
            self.repository.add(made)
            follow(made, self.heirs.final)
            return VerdictKind.CREATED
        _take_over(before, made, self.heirs)
        self._hear(before, made, record)
        follow(before, self.heirs.final)
        return VerdictKind.UPDATED

    def _made(self, record: SyncedDossier, before: Dossier | None) -> Dossier:
        """The dossier as it would be if this record were the first; not part of anything yet."""
        competent = self._agency(record.competent_agency_code) or self.agency_id
        day = local_day(record.received_at)
        procedure = self._procedure(record, competent, before)
        is_earlier = before is None or day < local_day(before.received_at)
        if is_earlier:
            check_receipt(day, self.call.today(), self.ties.rule.synced_days)
        # A correction burdens the competent agency as a new dossier would; only news of the work does not.
        if (
            before is None
            or is_earlier
            or before.document_id != procedure["document_id"]
            or self.heirs.now(before.competent_agency_id) != self.heirs.now(competent)
        ):
            self.ties.expect(competent, procedure, day, ("competentAgencyCode", "receivedAt"))
        counting = calendars.counting(self.call, day)
        made = opened(
            procedure,
            counting,
            record.received_at,
            agency_id=self.agency_id,
            number=record.number,
            competent_agency_id=competent,
            first_heard_at=self.now,
            is_synced=True,
            **self.brought_by,
        )
        fresh = made.clock
        if not self.ties.trusts(competent):
            started(made, lambda: synced.expect_counted(made, record, fresh, counting))
        started(made, lambda: synced.hear(made, record, fresh, counting, self.now))
        return made

    def _hear(self, before: Dossier, made: Dossier, record: SyncedDossier) -> None:
        counting = calendars.counting(self.call, before.rules_on, before.calendar_version)
        fresh = clock_of(self._procedure(record, before.competent_agency_id, before)["content"], counting)
        synced.hear(before, record, fresh, counting, self.now)

    def _procedure(self, record: SyncedDossier, competent: UUID, before: Dossier | None) -> Any:
        day, kept = local_day(record.received_at), before.document_id if before else None
        key = (record.tthc_code, record.document_code, day, competent, kept)
        if key not in self.procedures:
            agencies = {self.agency_id, competent}
            session = self.call.session
            if record.tthc_code is not None:
                found = procedures.by_tthc(session, record.tthc_code, day, agencies, kept=kept)
            else:
                found = procedures.by_code(session, record.document_code or "", day, agencies, kept=kept)
            self.procedures[key] = found
        return self.procedures[key]

    def _agency(self, code: str | None) -> UUID | None:
        if code is None:
            return None
        if code not in self.agencies:
            wanted = select(agency_nodes.c.id).where(agency_nodes.c.code == code)
            self.agencies[code] = self.call.session.scalars(wanted).first()
        if self.agencies[code] is None:
            raise Invalid("agency_unknown", "competentAgencyCode", agency=code)
        return self.agencies[code]


def _take_over(before: Dossier, made: Dossier, heirs: Heirs) -> None:
    """What the source corrected about receipt, procedure or agency."""
    for name in (*_CORRECTABLE, "received_at", "counts_from", "rules_on", "calendar_version"):
        setattr(before, name, getattr(made, name))
    # The agency that goes on for the competent one is no correction: the other was competent then.
    if heirs.now(made.competent_agency_id) != heirs.now(before.competent_agency_id):
        before.competent_agency_id, before.first_competent_agency_id = made.competent_agency_id, None


_CORRECTABLE = (
    "kind",
    "document_id",
    "revision_id",
    "revision_number",
    "document_code",
    "title",
    "tthc_code",
)


def _refused(line: int, no: Refusal, number: str | None) -> LineVerdict:
    return LineVerdict(
        line=line,
        verdict=VerdictKind.REFUSED,
        number=number,
        code=no.code,
        field=no.field,
        vi=no.message.vi,
        en=no.message.en,
        remedy_vi=no.remedy.vi if no.remedy else None,
        remedy_en=no.remedy.en if no.remedy else None,
    )
