"""Takes every mail of the local platform, sends none on, and shows them on a page of its own."""

import json
import os
import signal
import threading
from dataclasses import asdict
from datetime import datetime
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from contracts.messages import text
from deploy.local.mailbox import Mail, Mailbox
from kernel.base.clock import VIETNAM

LARGEST = 10 * 1024 * 1024
STYLE = """body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.4rem .6rem;
border-bottom:1px solid #ccc;vertical-align:top}pre{white-space:pre-wrap;overflow-wrap:anywhere}
@media(prefers-color-scheme:dark){body{background:#111;color:#eee}a{color:#8cf}}"""
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class Sink:
    """The SMTP side: accepts what is addressed to anybody."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.original_content or b""
        recipients = [str(recipient) for recipient in envelope.rcpt_tos]
        kept = self._mailbox.keep(envelope.mail_from or "", recipients, content)
        print(json.dumps({"event": "mail_kept", "id": kept, "to": recipients}), flush=True)
        return f"250 2.0.0 kept as {kept}"


class Page(BaseHTTPRequestHandler):
    """The HTTP side: a list, one mail, and the same as JSON."""

    mailbox: Mailbox
    server_version = "eiso-mailsink"

    def do_GET(self) -> None:
        # Only under its own names: a page elsewhere could else read it through a rebound name.
        if self.headers.get("Host", "").rpartition(":")[0] not in ("127.0.0.1", "localhost"):
            return self._send(421, "text/plain", "wrong host")
        address = urlsplit(self.path)
        if address.path == "/":
            return self._send(200, "text/html", list_page(self.mailbox.mails()))
        if address.path == "/mails.json":
            to = parse_qs(address.query).get("to", [None])[0]
            found = [asdict(mail) for mail in self.mailbox.mails(to)]
            return self._send(200, "application/json", json.dumps(found, ensure_ascii=False))
        if address.path == "/style.css":
            return self._send(200, "text/css", STYLE)
        if address.path in ("/live", "/ready"):
            return self._send(200, "text/plain", "ok")
        mail = self.mailbox.mail(address.path.removeprefix("/mails/"))
        if mail is None:
            return self._send(404, "text/plain", "404")
        return self._send(200, "text/html", mail_page(mail))

    def _send(self, status: int, media_type: str, body: str) -> None:
        raw = body.encode()
        self.send_response(status)
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Type", f"{media_type}; charset=utf-8")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, format: str, *args: object) -> None:
        """Mails are worth a line, looking at them is not."""


def _both(code: str) -> str:
    said = text(code)
    return f'{escape(said.vi)} <small lang="en">· {escape(said.en)}</small>'


def _document(title: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="vi"><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<link rel="stylesheet" href="/style.css"><body>{body}</body></html>'
    )


def list_page(mails: list[Mail]) -> str:
    """All mails; every word of theirs is text, never markup."""
    head = "".join(f"<th>{_both(f'mail_{column}')}</th>" for column in ("when", "to", "subject"))
    rows = "".join(
        f"<tr><td>{escape(_moment(mail.received_at))}</td><td>{escape(', '.join(mail.to))}</td>"
        f'<td><a href="/mails/{mail.id}">{escape(mail.subject) or "–"}</a></td></tr>'
        for mail in mails
    )
    table = f"<table><tr>{head}</tr>{rows}</table>" if mails else f"<p>{_both('mail_none')}</p>"
    return _document(text("mail_title").vi, f"<h1>{_both('mail_title')}</h1>{table}")


def mail_page(mail: Mail) -> str:
    """One mail with its envelope."""
    facts = {"from": mail.sender, "to": ", ".join(mail.to), "when": _moment(mail.received_at)}
    rows = "".join(
        f"<tr><th>{_both(f'mail_{name}')}</th><td>{escape(value)}</td></tr>" for name, value in facts.items()
    )
    body = f"<h1>{escape(mail.subject)}</h1><table>{rows}</table><pre>{escape(mail.body)}</pre>"
    return _document(mail.subject, f'<p><a href="/">← {_both("mail_title")}</a></p>{body}')


def _moment(received_at: str) -> str:
    """When, as an office in Vietnam writes it."""
    return f"{datetime.fromisoformat(received_at).astimezone(VIETNAM):%H:%M:%S %d/%m/%Y}"


def main() -> None:
    """Serve until a signal to stop."""
    mailbox = Mailbox(Path(os.environ["MAIL_FOLDER"]))
    host = os.environ.get("SMTP_HOST", "127.0.0.1")
    port = int(os.environ["SMTP_PORT"])
    smtp = Controller(Sink(mailbox), hostname=host, port=port, data_size_limit=LARGEST)
    smtp.start()
    pages = type("Pages", (Page,), {"mailbox": mailbox})
    server = ThreadingHTTPServer((host, int(os.environ["MAIL_PAGE_PORT"])), pages)
    for number in (signal.SIGTERM, signal.SIGINT):
        # shutdown() waits for the loop it ends, so it must not run on the loop's own thread.
        signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
    server.serve_forever()
    smtp.stop()


if __name__ == "__main__":
    main()
