"""A notice or a digest as an e-mail: plain text, Vietnamese first and English below."""

from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from uuid import UUID

from contracts import messages
from kernel.base.text import nfc

LINE = "-" * 64


@dataclass(frozen=True, kw_only=True)
class Letter:
    """What an e-mail is made of."""

    delivery_id: UUID
    address: str
    number: int
    kind: str
    subject: str
    body: str
    subject_en: str
    body_en: str
    trace_id: str | None
    footer: str = "notice_mail_footer"


class WholeSubjects(EmailPolicy):
    """Folded by `Header`: Python's newer way loses a space now and then (python/cpython #144156)."""

    def fold(self, name: str, value: str) -> str:
        if name.lower() != "subject":
            return str(super().fold(name, value))
        folded = Header(str(value), "utf-8", header_name=name).encode(linesep=self.linesep)
        return f"{name}: {folded}{self.linesep}"

    def fold_binary(self, name: str, value: str) -> bytes:
        return self.fold(name, value).encode("ascii", "surrogateescape")


MAIL = WholeSubjects(linesep="\r\n")


class NoLetter(ValueError):
    """The address or the text cannot stand in an e-mail; trying again cannot help."""


def compose(letter: Letter, sender: str, now: datetime) -> EmailMessage:
    """The message. Its id is the delivery's, so a repeat after a crash is known as the same mail."""
    try:
        return _compose(letter, sender, now)
    except (ValueError, MessageError) as error:
        raise NoLetter(f"{type(error).__name__}: {error}") from error


def _compose(letter: Letter, sender: str, now: datetime) -> EmailMessage:
    domain = sender.rpartition("@")[2]
    mail = EmailMessage(policy=MAIL)
    subject = messages.text("notice_mail_subject", subject=letter.subject).vi
    # A line break in a title would begin a new header.
    mail["Subject"] = nfc(" ".join(subject.split()))
    mail["From"] = Address("eISO", addr_spec=sender)
    mail["To"] = Address(addr_spec=letter.address)
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{letter.delivery_id}@{domain}>"
    mail["X-Trace-Id"] = letter.trace_id or "-"
    mail["X-Notice-Kind"] = letter.kind
    mail["X-Notice-Number"] = str(letter.number)
    # So that no holiday reply comes back, and mail programs can file these together (RFC 3834, 2919).
    mail["Auto-Submitted"] = "auto-generated"
    mail["List-Id"] = f"eISO <thong-bao.{domain}>"
    mail.set_content(nfc(_text(letter)), cte="quoted-printable")
    return mail


def _text(letter: Letter) -> str:
    footer = messages.text(letter.footer, number=letter.number, trace=letter.trace_id or "-")
    parts = (letter.subject, letter.body, LINE, letter.subject_en, letter.body_en, LINE, footer.vi, footer.en)
    return "\n\n".join(parts) + "\n"
