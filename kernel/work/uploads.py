"""Uploads: reserved here, put straight into the store, confirmed here; bytes never pass the gateway."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from tempfile import TemporaryFile
from typing import Any, BinaryIO
from uuid import UUID, uuid5

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from kernel.base.errors import Conflict, Invalid, NotFound, Refusal
from kernel.base.ids import NOBODY
from kernel.data.file_names import kept_name
from kernel.data.judging.asking import judged
from kernel.data.judging.rules import media_types
from kernel.data.store import Arrived, ObjectStore, Placed
from kernel.data.tables import uploads
from kernel.work.call import Call

LARGEST = 50 * 1024 * 1024
LINK_SECONDS = 600
GIVEN_UP = timedelta(days=1)
AT_ONCE = 1000


@dataclass(frozen=True, kw_only=True)
class Reservation:
    """What the client says it will send."""

    agency_id: UUID
    name: str
    media_type: str
    size: int
    sha256: str


def reserve(call: Call, wanted: Reservation) -> tuple[Any, datetime]:
    """The upload's row and until when its link may be used; the same request gives the same place."""
    _check_type(wanted)
    wanted = replace(wanted, name=kept_name(wanted.name, wanted.media_type))
    upload_id = uuid5(call.actor.person_id or NOBODY, str(call.request_id))
    now = call.real_now()
    place = {
        "id": upload_id,
        "person_id": call.actor.person_id,
        "key": f"{wanted.agency_id}/{now:%Y/%m}/{upload_id}",
        "state": "reserved",
        "expires_at": now + timedelta(seconds=LINK_SECONDS),
        **vars(wanted),
    }
    # On the bare connection: a repeated reservation changes nothing and owes the trail no row.
    entered = insert(uploads).values(place).on_conflict_do_nothing().returning(uploads.c.id)
    made = call.session.connection().execute(entered).first()
    row = _row(call.session, upload_id)
    if any(row[name] != value for name, value in vars(wanted).items()):
        raise Conflict("request_id_reused", "requestId")
    if made:
        _leave_trail(call, row, {"state": "reserved", "name": wanted.name, "sha256": wanted.sha256})
    return row, row["expires_at"]


def confirm(call: Call, store: ObjectStore, row: Any) -> Any:
    """The available upload's row; or a refusal to be returned, its row then quarantined or still waiting."""
    if row["state"] == "available":
        return row
    if row["state"] == "quarantined":
        return Conflict("upload_quarantined", "uploadId")
    with TemporaryFile() as file:
        found = store.receive(row["key"], row["size"], file)
        if found is None:
            is_late = row["expires_at"] < call.real_now()
            return Conflict("upload_expired" if is_late else "upload_not_arrived", "uploadId")
        fault = _fault(row, found) or _judgement(row, file)
    # What was judged is what is kept: this very version, copied to where no link leads.
    version_id = None if fault else store.keep(row["key"], found.version_id, row["media_type"])
    state = "quarantined" if fault else "available"
    changed = {
        "state": state,
        "version_id": version_id,
        "fault": fault.code if fault else None,
        "confirmed_at": call.real_now(),
    }
    call.session.execute(update(uploads).where(uploads.c.id == row["id"]).values(changed))
    _leave_trail(call, row, {"state": state, "fault": changed["fault"], "version_id": version_id})
    return fault or {**row, **changed}


def for_update(session: Session, upload_id: UUID) -> Any:
    """The upload's row, locked until the transaction ends."""
    return _row(session, upload_id, lock=True)


def usable(session: Session, upload_id: UUID, agency_ids: Collection[UUID]) -> Any:
    """An available upload of one of these agencies, to be made part of something."""
    row = _row(session, upload_id)
    if row["agency_id"] not in agency_ids:
        raise NotFound("upload_not_found", "uploadId")
    if row["state"] == "quarantined":
        raise Conflict("upload_quarantined", "uploadId")
    if row["state"] != "available":
        raise Conflict("upload_not_available", "uploadId", state=row["state"])
    return row


def forget_expired(call: Call) -> int:
    """Drop reservations nobody used within a day; what was put there goes with `clear_intake`."""
    old = delete(uploads).where(
        uploads.c.state == "reserved", uploads.c.expires_at < call.real_now() - GIVEN_UP
    )
    return len(call.session.execute(old.returning(uploads.c.id)).all())


def clear_intake(call: Call) -> int:
    """Remove what arrived and nobody waits for: judged already, put again by an old link, or given up.

    Here and not with the confirmation, which may yet be rolled back.
    """
    removed, batch = 0, []
    for placed in call.store.waiting():
        batch.append(placed)
        if len(batch) == AT_ONCE:
            removed += _discard(call, batch)
            batch = []
    return removed + _discard(call, batch)


def _discard(call: Call, batch: Sequence[Placed]) -> int:
    keys = {placed.key for placed in batch}
    reserved = select(uploads.c.key).where(uploads.c.key.in_(keys), uploads.c.state == "reserved")
    awaited, old = set(call.session.scalars(reserved)), call.real_now() - GIVEN_UP
    gone = [each for each in batch if each.placed_at < old or each.key not in awaited]
    for placed in gone:
        call.store.discard(placed.key, placed.version_id)
    return len(gone)


def _row(session: Session, upload_id: UUID, *, lock: bool = False) -> Any:
    wanted = select(uploads).where(uploads.c.id == upload_id)
    row = session.execute(wanted.with_for_update() if lock else wanted).mappings().first()
    if row is None:
        raise NotFound("upload_not_found", "uploadId")
    return dict(row)


def _check_type(wanted: Reservation) -> None:
    allowed = ", ".join(media_types())
    if wanted.media_type not in media_types():
        raise Invalid("upload_type_not_allowed", "mediaType", declared=wanted.media_type, allowed=allowed)
    if wanted.size > LARGEST:
        raise Invalid("upload_too_large", "size", limit=LARGEST)


def _fault(row: Any, found: Arrived) -> Refusal | None:
    if found.size != row["size"]:
        more = "> " if found.size > row["size"] else ""
        return Invalid(
            "upload_wrong_size",
            "size",
            actual=f"{more}{min(found.size, row['size'] + 1) if more else found.size}",
            declared=row["size"],
        )
    if found.sha256 != row["sha256"]:
        return Invalid("upload_wrong_hash", "sha256")
    if not media_types()[row["media_type"]].fits(found.head):
        facts = {"actual": _guess(found.head), "declared": row["media_type"]}
        return Invalid("upload_wrong_type", "mediaType", allowed=", ".join(media_types()), **facts)
    return None


def _judgement(row: Any, file: BinaryIO) -> Refusal | None:
    file.flush()
    against = judged(file, row["media_type"])
    return Invalid(against.code, "uploadId", where=against.where or "?") if against else None


def _guess(head: bytes) -> str:
    return next((name for name, each in media_types().items() if each.fits(head)), "?")


def _leave_trail(call: Call, row: Any, after: dict[str, Any]) -> None:
    call.leave_trail(subject_type="Upload", subject_id=row["id"], agency_id=row["agency_id"], after=after)
