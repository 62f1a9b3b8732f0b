"""The name that is kept leads nowhere, hides nothing and ends as its content is."""

import pytest

from kernel.data.file_names import kept_name
from tests.files import DOCX, ODT, PDF, XLSX

NAMES = {
    "quy-trinh.docx": (DOCX, "quy-trinh.docx"),
    "QUY TRÌNH.DOCX": (DOCX, "QUY TRÌNH.docx"),
    "Báo cáo quý 3.2026": (PDF, "Báo cáo quý 3.2026.pdf"),
    "QT.TTHC.05": (ODT, "QT.TTHC.05.odt"),
    "TB.UBND.xlsx": (XLSX, "TB.UBND.xlsx"),
    "evil.hta": (PDF, "evil.pdf"),
    "evil.pdf.exe": (PDF, "evil.pdf"),
    "evil.exe.pdf": (PDF, "evil.pdf"),
    "evil.docm": (DOCX, "evil.docx"),
    "anh\u202excod.exe": (DOCX, "anhxcod.docx"),
    "a\u200bb\u00adc\ufeff.pdf": (PDF, "abc.pdf"),
    "a\r\nSet-Cookie: x=1.pdf": (PDF, "a Set-Cookie- x=1.pdf"),
    "a\0.exe\0.pdf": (PDF, "a.pdf"),
    "../../etc/passwd": (PDF, "passwd.pdf"),
    "..\\..\\windows\\win.ini": (PDF, "win.ini.pdf"),
    "C:\\fakepath\\Biên bản.docx": (DOCX, "Biên bản.docx"),
    "..": (PDF, "tep.pdf"),
    "...pdf": (PDF, "pdf.pdf"),
    "\u202e": (PDF, "tep.pdf"),
    ".htaccess": (PDF, "htaccess.pdf"),
    "con.pdf": (PDF, "con-.pdf"),
    'a<b>"c"|d?e*f%2e.pdf': (PDF, "a-b--c--d-e-f-2e.pdf"),
    "a.pdf.": (PDF, "a.pdf"),
    "a.exe ": (PDF, "a.pdf"),
    "Quy tri\u0300nh.docx": (DOCX, "Quy trình.docx"),
}


@pytest.mark.parametrize(("given", "media_type", "kept"), [(k, *v) for k, v in NAMES.items()])
def test_a_name_is_kept_without_what_misleads(given, media_type, kept):
    assert kept_name(given, media_type) == kept
    assert kept_name(kept, media_type) == kept, "kept again it stays"


def test_a_long_name_keeps_its_ending():
    assert kept_name("ế" * 200, PDF) == "ế" * 150 + ".pdf"
