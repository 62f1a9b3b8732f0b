"""Files on their way in: reserved, put into the store by the client, confirmed."""

from contracts.documents import files
from kernel.base.errors import NotFound, Refusal
from kernel.work import uploads
from kernel.work.call import Call
from kernel.work.operations import command
from kernel.work.uploads import Reservation


@command(files.ReserveUpload, once=False)
def reserve_upload(call: Call, command: files.ReserveUpload) -> files.UploadTicket:
    """Reserve a place in the store and hand out the link to it."""
    call.require(agency_id=command.agency_id)
    wanted = Reservation(
        agency_id=command.agency_id,
        name=command.name,
        media_type=command.media_type,
        size=command.size,
        sha256=command.sha256,
    )
    row, until = uploads.reserve(call, wanted)
    seconds = max(1, int((until - call.real_now()).total_seconds()))
    url = call.store.put_link(row["key"], row["media_type"], row["size"], seconds)
    return files.UploadTicket(
        upload_id=row["id"], url=url, headers={"Content-Type": command.media_type}, expires_at=until
    )


@command(files.ConfirmUpload, once=False)
def confirm_upload(call: Call, command: files.ConfirmUpload) -> files.UploadView | Refusal:
    """Check what arrived against what was reserved."""
    row = uploads.for_update(call.session, command.upload_id)
    if not call.may_reach(row["agency_id"], call.policy.roles_for(call.action, None)):
        raise NotFound("upload_not_found", "uploadId")
    call.require(agency_id=row["agency_id"])
    confirmed = uploads.confirm(call, call.store, row)
    if isinstance(confirmed, Refusal):
        return confirmed
    fields = ("id", "name", "media_type", "size", "sha256", "state")
    return files.UploadView(**{name: confirmed[name] for name in fields})
