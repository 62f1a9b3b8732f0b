"""Hands letters to the mail server over SMTP, and separates what may be tried again from what is hopeless."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage

from services.notify.settings import NotifySettings


class NotSent(Exception):
    """The letter did not go; `for_good` where trying again cannot help."""

    def __init__(self, reason: str, *, for_good: bool = False) -> None:
        self.reason, self.for_good = reason, for_good
        super().__init__(reason)


class NoServer(NotSent):
    """The mail server is not to be reached, so no other letter can go now either."""


@dataclass(frozen=True, kw_only=True)
class Mailer:
    """One mail server and how to speak to it."""

    host: str
    port: int
    sender: str
    starttls: bool
    username: str | None
    password: str | None
    seconds: float

    @classmethod
    def of(cls, settings: NotifySettings) -> "Mailer":
        return cls(
            host=settings.smtp_host,
            port=settings.smtp_port,
            sender=settings.smtp_from,
            starttls=settings.smtp_starttls,
            username=settings.smtp_username,
            password=settings.smtp_password,
            seconds=settings.smtp_seconds,
        )

    @contextmanager
    def connection(self) -> Iterator["Connection"]:
        """A connection for several letters; `NoServer` when there is none to be had."""
        server = self._connect()
        try:
            yield Connection(server, self.sender)
        finally:
            with suppress(smtplib.SMTPException, OSError):
                server.quit()

    def _connect(self) -> smtplib.SMTP:
        try:
            server = smtplib.SMTP(self.host, self.port, timeout=self.seconds)
            if self.starttls:
                server.starttls(context=ssl.create_default_context())
            if self.username:
                server.login(self.username, self.password or "")
        except (smtplib.SMTPException, OSError) as error:
            raise NoServer(_reason(error)) from error
        return server


class Connection:
    """An open conversation with the mail server."""

    def __init__(self, server: smtplib.SMTP, sender: str) -> None:
        self.server, self.sender = server, sender

    def send(self, mail: EmailMessage, address: str) -> None:
        """Hand one letter over, or raise `NotSent`."""
        try:
            self.server.send_message(mail, self.sender, [address])
        except smtplib.SMTPRecipientsRefused as error:
            code, said = next(iter(error.recipients.values()))
            raise NotSent(_answer(code, said), for_good=code >= 500) from error
        except smtplib.SMTPServerDisconnected as error:
            raise NoServer(_reason(error)) from error
        except smtplib.SMTPResponseException as error:
            raise NotSent(
                _answer(error.smtp_code, error.smtp_error), for_good=error.smtp_code >= 500
            ) from error
        except (smtplib.SMTPNotSupportedError, UnicodeError, ValueError) as error:
            # An address that this server cannot take will not become one that it can.
            raise NotSent(_reason(error), for_good=True) from error
        except OSError as error:
            raise NoServer(_reason(error)) from error


def _answer(code: int, said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return f"SMTP {code} {text}"


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
