"""Files for tests: office files and PDF as programs write them, and hostile ones beside them."""

import zipfile
from collections.abc import Mapping
from io import BytesIO

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ODT = "application/vnd.oasis.opendocument.text"
PDF = "application/pdf"

PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def packed(members: Mapping[str, bytes | str], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of these members in this order."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def types(main: str, *others: str) -> str:
    """`[Content_Types].xml` with this type of the main part."""
    said = "".join(f'<Override PartName="/x{n}" ContentType="{each}"/>' for n, each in enumerate(others))
    return (
        f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/main" ContentType="{main}"/>{said}</Types>'
    )


def relations(*each: tuple[str, str, str]) -> str:
    """A `.rels` part: kind, target and mode of each relation."""
    said = "".join(
        f'<Relationship Id="r{n}" Type="{OFFICE}/{kind}" Target="{target}" TargetMode="{mode}"/>'
        for n, (kind, target, mode) in enumerate(each)
    )
    return f'<Relationships xmlns="{PACKAGE}/relationships">{said}</Relationships>'


def paragraph(text: str) -> str:
    """A Word document of one paragraph."""
    return (
        f'<w:document xmlns:w="{WORD}"><w:body><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:body></w:document>'
    )


def docx_members(text: str = "Quy trình") -> dict[str, bytes | str]:
    """The parts of a small Word file."""
    return {
        "[Content_Types].xml": types(f"{DOCX}.main+xml"),
        "_rels/.rels": relations(("officeDocument", "word/document.xml", "Internal")),
        "word/document.xml": paragraph(text),
    }


def docx(text: str = "Quy trình", **_: object) -> bytes:
    """A small Word file."""
    return packed(docx_members(text))


def xlsx_members() -> dict[str, bytes | str]:
    """The parts of a small workbook."""
    return {
        "[Content_Types].xml": types(f"{XLSX}.main+xml"),
        "_rels/.rels": relations(("officeDocument", "xl/workbook.xml", "Internal")),
        "xl/workbook.xml": "<workbook/>",
    }


def odt_members() -> dict[str, bytes | str]:
    """The parts of a small OpenDocument text."""
    return {
        "mimetype": ODT,
        "content.xml": "<office:document-content xmlns:office='urn:office'/>",
        "META-INF/manifest.xml": "<manifest/>",
        "Configurations2/accelerator/current.xml": "",
    }


def pdf(*objects: str, catalog: str = "") -> bytes:
    """A PDF of one empty page, with these objects more (from 4 on) and this in its catalog."""
    body = [
        f"<< /Type /Catalog /Pages 2 0 R {catalog} >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>",
        *objects,
    ]
    return pdf_of([each.encode() for each in body])


def pdf_of(bodies: list[bytes]) -> bytes:
    """A PDF of these objects, the first of which is its catalog."""
    out, at = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), []
    for number, body in enumerate(bodies, start=1):
        at.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(bodies) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in at)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(bodies) + 1, table)
    return bytes(out)


def stream(content: bytes, said: str = "") -> bytes:
    """A stream object."""
    return b"<< /Length %d %b >>\nstream\n%b\nendstream" % (len(content), said.encode(), content)
