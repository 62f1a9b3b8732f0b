"""The sink's mails on disk: one file each, exactly as handed in, newest first."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any
from uuid import uuid4

KEPT, SPARE = 2000, 200
"""So many stay for sure, and so many more before the oldest are looked for: each look reads the folder."""
ID = re.compile(r"\d{8}T\d{12}-[0-9a-f]{32}")


@dataclass(frozen=True, kw_only=True)
class Mail:
    """A mail as a reader sees it; `to` is the envelope's, whatever its header claims."""

    id: str
    received_at: str
    sender: str
    to: list[str]
    subject: str
    body: str


@dataclass
class Mailbox:
    """A folder of mails; the oldest give way when there are too many."""

    folder: Path
    _since_look: int = SPARE

    def keep(self, sender: str, recipients: list[str], content: bytes) -> str:
        """Store a mail; it is either wholly there or not at all."""
        mail_id = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{uuid4().hex}"
        head = f"Return-Path: <{sender}>\r\n"
        head += "".join(f"Delivered-To: {recipient}\r\n" for recipient in recipients)
        new = self.folder / f"{mail_id}.new"
        new.write_bytes(head.encode() + content)
        new.rename(self.folder / f"{mail_id}.eml")
        self._make_room()
        return mail_id

    def _make_room(self) -> None:
        self._since_look += 1
        if self._since_look < SPARE:
            return
        self._since_look = 0
        for old in sorted(self.folder.glob("*.eml"))[:-KEPT]:
            old.unlink()

    def mails(self, to: str | None = None) -> list[Mail]:
        """All mails, or those delivered to one address."""
        found = (self._read(path) for path in sorted(self.folder.glob("*.eml"), reverse=True))
        return [mail for mail in found if mail is not None and (to is None or to in mail.to)]

    def mail(self, mail_id: str) -> Mail | None:
        """One mail; what is not one of our names is not looked for on disk."""
        return self._read(self.folder / f"{mail_id}.eml") if ID.fullmatch(mail_id) else None

    def _read(self, path: Path) -> Mail | None:
        """None for one that is not there, or gave way while the others were being read."""
        try:
            parsed = message_from_bytes(path.read_bytes(), policy=default)
        except FileNotFoundError:
            return None
        moment = datetime.strptime(path.stem.partition("-")[0], "%Y%m%dT%H%M%S%f")
        return Mail(
            id=path.stem,
            received_at=moment.replace(tzinfo=UTC).isoformat(),
            sender=str(parsed.get("From", "")),
            to=[str(value) for value in parsed.get_all("Delivered-To", [])],
            subject=str(parsed.get("Subject", "")),
            body=_text_of(parsed),
        )


def _text_of(parsed: EmailMessage) -> str:
    """The plain text, else the source of whatever there is; nothing is ever shown as HTML."""
    part = parsed.get_body(("plain", "html"))
    if part is None:
        return ""
    try:
        return str(part.get_content())
    except (LookupError, UnicodeError):
        held: Any = part.get_payload(decode=True) or b""
        return str(held.decode("utf-8", "replace"))
