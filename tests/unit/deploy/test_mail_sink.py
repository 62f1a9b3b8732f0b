"""The mail sink shows what it was handed as text, whatever that tries to be."""

from email.message import EmailMessage

import pytest

from deploy.local import mailsink
from deploy.local.mailbox import Mailbox


@pytest.fixture
def mailbox(tmp_path) -> Mailbox:
    return Mailbox(tmp_path)


def a_mail(subject="Thông báo", body="Kính gửi ông/bà") -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@x.example", "claimed@x.example", subject
    message.set_content(body)
    return message.as_bytes()


def test_a_mail_is_kept_under_its_envelopes_address(mailbox):
    mailbox.keep("a@x.example", ["real@x.example"], a_mail())
    assert [mail.to for mail in mailbox.mails()] == [["real@x.example"]]
    assert mailbox.mails("claimed@x.example") == []
    assert mailbox.mails("real@x.example")[0].subject == "Thông báo"


def test_markup_in_a_mail_is_shown_and_never_run(mailbox):
    attack = "<script>alert(1)</script>"
    kept = mailbox.keep("a@x.example", ['"><img src=x>@x.example'], a_mail(subject=attack, body=attack))
    pages = mailsink.list_page(mailbox.mails()) + mailsink.mail_page(mailbox.mail(kept))
    assert "<script" not in pages
    assert "<img" not in pages
    assert "&lt;script&gt;" in pages


@pytest.mark.parametrize("name", ["../secret", "..%2fsecret", "", "20261122T032839269501-zz", "x" * 300])
def test_only_a_name_the_sink_gave_is_looked_for(mailbox, name):
    (mailbox.folder.parent / "secret.eml").write_bytes(a_mail())
    assert mailbox.mail(name) is None


def test_a_mail_that_is_no_mail_is_still_shown(mailbox):
    kept = mailbox.keep("", ["b@x.example"], b"\xff\xfe\x00 not a mail")
    assert mailbox.mail(kept).to == ["b@x.example"]


def test_the_newest_mail_stands_first(mailbox):
    for subject in ("một", "hai"):
        mailbox.keep("a@x.example", ["b@x.example"], a_mail(subject=subject))
    assert [mail.subject for mail in mailbox.mails()] == ["hai", "một"]


def test_the_folder_is_bounded_however_many_mails_come(mailbox, monkeypatch):
    monkeypatch.setattr("deploy.local.mailbox.KEPT", 5)
    monkeypatch.setattr("deploy.local.mailbox.SPARE", 3)
    for number in range(30):
        mailbox.keep("a@x.example", ["b@x.example"], a_mail(subject=f"Thư {number}"))
    subjects = [mail.subject for mail in mailbox.mails()]
    assert subjects[0] == "Thư 29"
    assert 5 <= len(subjects) <= 5 + 3


def test_a_mail_that_gives_way_while_others_are_read_is_left_out(mailbox, monkeypatch):
    kept = mailbox.keep("a@x.example", ["b@x.example"], a_mail())
    paths = list(mailbox.folder.glob("*.eml"))
    (mailbox.folder / f"{kept}.eml").unlink()
    monkeypatch.setattr("pathlib.Path.glob", lambda *_: iter(paths))
    assert mailbox.mails() == []
    assert mailbox.mail(kept) is None
