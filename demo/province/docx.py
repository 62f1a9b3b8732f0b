"""A controlled document as a Word file, made from its data: the same data give the same bytes."""

import io
import zipfile
from collections.abc import Iterable
from html import escape

from contracts.documents.procedures import Duration, DurationUnit, ProcedureContent, ProcedureStep
from demo.province.procedures import DemoProcedure

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'

TYPES = f"""{XML}<Types xmlns="{PACKAGE}/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/word/document.xml" ContentType="{MEDIA_TYPE}.main+xml"/>
<Override PartName="/word/styles.xml" ContentType="{MEDIA_TYPE.rpartition(".")[0]}.styles+xml"/>
</Types>"""
RELATIONS = f"""{XML}<Relationships xmlns="{PACKAGE}/relationships">
<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="word/document.xml"/>
</Relationships>"""
DOCUMENT_RELATIONS = f"""{XML}<Relationships xmlns="{PACKAGE}/relationships">
<Relationship Id="rId1" Type="{OFFICE}/styles" Target="styles.xml"/>
</Relationships>"""
STYLES = f"""{XML}<w:styles xmlns:w="{WORD}">
<w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman"
 w:cs="Times New Roman"/><w:sz w:val="26"/><w:lang w:val="vi-VN"/></w:rPr></w:rPrDefault></w:docDefaults>
<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>
<w:style w:type="paragraph" w:styleId="Title"><w:name w:val="Title"/><w:pPr><w:jc w:val="center"/>
</w:pPr><w:rPr><w:b/><w:sz w:val="30"/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/><w:pPr>
<w:spacing w:before="240" w:after="120"/></w:pPr><w:rPr><w:b/></w:rPr></w:style></w:styles>"""
BORDERS = "".join(
    f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="auto"/>'
    for side in ("top", "left", "bottom", "right", "insideH", "insideV")
)
UNITS = {
    DurationUnit.WORKING_DAY: "ngày làm việc",
    DurationUnit.WORKING_HOUR: "giờ làm việc",
    DurationUnit.CALENDAR_DAY: "ngày",
}


def document(given: DemoProcedure, *, agency: str, revision: int, effective: str) -> bytes:
    """The file of one revision; `effective` is the date as it is printed on the first page."""
    body = [
        _paragraph(agency.upper(), "Title"),
        _paragraph(given.title.upper(), "Title"),
        _table(
            [
                ["Mã số", given.code],
                ["Lần ban hành", f"{revision:02d}"],
                ["Ngày hiệu lực", effective],
            ]
        ),
        _paragraph("1. Mục đích và phạm vi", "Heading1"),
        _paragraph(given.summary),
        *_content(given.procedure),
    ]
    return _package(f'{XML}<w:document xmlns:w="{WORD}"><w:body>{"".join(body)}</w:body></w:document>')


def _content(procedure: ProcedureContent) -> Iterable[str]:
    yield _paragraph("2. Căn cứ", "Heading1")
    yield from (_paragraph(f"– {basis}") for basis in procedure.legal_bases)
    if procedure.components:
        yield _paragraph("3. Thành phần hồ sơ", "Heading1")
        rows = [[c.number, c.name, c.copy_type or "", str(c.quantity)] for c in procedure.components]
        yield _table([["Số", "Giấy tờ", "Loại bản", "Số lượng"], *rows])
    yield _paragraph("4. Các bước thực hiện", "Heading1")
    if procedure.legal_time:
        yield _paragraph(f"Thời hạn giải quyết: {printed(procedure.legal_time)}.")
    yield _table([["Bước", "Trách nhiệm", "Nội dung", "Thời gian", "Kết quả"], *_rows(procedure)])
    yield _paragraph("5. Biểu mẫu", "Heading1")
    yield from (_paragraph(f"– {form.name} ({form.reference})") for form in procedure.forms)


def _rows(procedure: ProcedureContent) -> Iterable[list[str]]:
    block = None
    for step in procedure.steps:
        if step.block and step.block != block:
            block = step.block
            yield [block, "", "", "", ""]
        yield [step.number, step.responsible, step.content, _time(step, procedure), step.result or ""]


def _time(step: ProcedureStep, procedure: ProcedureContent) -> str:
    if step.shares_duration_of is not None:
        first = next(s for s in procedure.steps if s.seq == step.shares_duration_of)
        return f"chung với {first.number}"
    return printed(step.duration) if step.duration else ""


def printed(duration: Duration) -> str:
    """As offices write it: 1/2 ngày làm việc, 07 ngày làm việc, giờ hành chính."""
    if duration.unit is DurationUnit.OFFICE_HOURS:
        return "giờ hành chính"
    whole, half = divmod(duration.amount, 1)
    amount = f"{int(whole):02d}" if not half else f"{duration.amount:g}".replace(".", ",")
    return f"{'1/2' if duration.amount == 0.5 else amount} {UNITS[duration.unit]}"


def _paragraph(text: str, style: str = "Normal") -> str:
    said = f'<w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r>'
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{said}</w:p>'


def _table(rows: Iterable[list[str]]) -> str:
    rows = list(rows)
    cells = (("".join(f"<w:tc><w:tcPr/>{_paragraph(cell)}</w:tc>" for cell in row)) for row in rows)
    drawn = "".join(f"<w:tr>{row}</w:tr>" for row in cells)
    grid = "<w:gridCol/>" * len(rows[0])
    look = f'<w:tblPr><w:tblW w:w="5000" w:type="pct"/><w:tblBorders>{BORDERS}</w:tblBorders></w:tblPr>'
    return f"<w:tbl>{look}<w:tblGrid>{grid}</w:tblGrid>{drawn}</w:tbl>{_paragraph('')}"


def _package(content: str) -> bytes:
    parts = {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": RELATIONS,
        "word/document.xml": content,
        "word/styles.xml": STYLES,
        "word/_rels/document.xml.rels": DOCUMENT_RELATIONS,
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            # A fixed moment: the file's hash must not change from one making to the next.
            entry = zipfile.ZipInfo(name, date_time=(2026, 1, 1, 0, 0, 0))
            archive.writestr(entry, part, compress_type=zipfile.ZIP_DEFLATED)
    return packed.getvalue()
