"""Who may read the minute of a hand-over, and the link to its file."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, literal, or_, select

from contracts.audits import minutes as c
from kernel.base.errors import Conflict, NotFound
from kernel.work.call import Call
from kernel.work.operations import query
from services.audits.minutes.domain import HandOverMinute
from services.audits.minutes.reports import reports_of
from services.audits.minutes.sweeps import MEDIA_TYPE
from services.audits.minutes.tables import minutes

LINK_SECONDS = 300


@query(c.MinutesByIds)
def minutes_by_ids(call: Call, question: c.MinutesByIds) -> list[c.MinuteView]:
    """The minutes among these that the caller may see."""
    wanted = select(minutes.c.id, minutes.c.file).where(minutes.c.id.in_(question.ids), _visible(call))
    rows = call.session.execute(wanted).all()
    things: dict[UUID, list[c.HandOverReport]] = {row.id: [] for row in rows}
    for report in reports_of(call.session, things):
        shown = c.HandOverReport(service=report.service, things=list(report.things))
        things[report.hand_over_id].append(shown)
    return [_view(row.id, row.file, things[row.id]) for row in rows]


@query(c.DownloadMinute)
def download_minute(call: Call, question: c.DownloadMinute) -> c.MinuteLink:
    """A link to exactly the version that was written, good for five minutes."""
    wanted = select(HandOverMinute).where(minutes.c.id == question.hand_over_id, _visible(call))
    minute = call.session.scalar(wanted)
    if minute is None:
        raise NotFound("hand_over_not_found", "handOverId")
    if minute.file is None:
        raise Conflict("minute_not_written_yet", "handOverId")
    name = f"bien-ban-{minute.told.number}.pdf".replace("/", "-")
    url = call.store.get_link(minute.file.key, minute.file.version_id, name, MEDIA_TYPE, LINK_SECONDS)
    until = call.real_now() + timedelta(seconds=LINK_SECONDS)
    return c.MinuteLink(url=url, expires_at=until, sha256=minute.file.sha256)


def _view(id: UUID, file: c.MinuteFile | None, reports: list[c.HandOverReport]) -> c.MinuteView:
    return c.MinuteView(
        hand_over_id=id,
        reports=reports,
        sha256=file.sha256 if file else None,
        written_at=file.written_at if file else None,
    )


def _visible(call: Call) -> ColumnElement[bool]:
    reach, me = call.reach_of("duties_of_others"), call.actor.person_id
    if reach.everything:
        return literal(True)
    led = minutes.c.agency_id.in_(reach.agency_ids)
    return or_(minutes.c.giver_id == me, minutes.c.receiver_id == me, led)
