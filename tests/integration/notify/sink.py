"""A mail server for tests, in a process of its own: keeps every mail, and refuses the addresses it is given.

    python sink.py PORT FOLDER

Recipients beginning with `khong.co.` do not exist; those beginning with `dang.ban.` are busy.
"""

import signal
import sys
from email import message_from_bytes
from pathlib import Path
from uuid import uuid4

from aiosmtpd.controller import Controller


class Sink:
    """Writes each mail to a file of its own, complete before it can be seen."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if address.startswith("khong.co."):
            return "550 5.1.1 no such mailbox"
        if address.startswith("dang.ban."):
            return "451 4.3.2 busy"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        mail = message_from_bytes(envelope.content)
        mail["X-Rcpt-To"] = ",".join(envelope.rcpt_tos)
        draft = self.folder / f"{uuid4()}.new"
        draft.write_bytes(mail.as_bytes())
        draft.rename(draft.with_suffix(".eml"))
        return "250 OK"


def main(port: str, folder: str) -> None:
    controller = Controller(Sink(Path(folder)), hostname="127.0.0.1", port=int(port))
    controller.start()
    signal.sigwait([signal.SIGTERM, signal.SIGINT])
    controller.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
