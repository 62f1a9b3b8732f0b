"""What a minute says, read from the PDF itself: text by the tables that its own fonts carry."""

import re
import zlib
from collections.abc import Iterator

_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
_GLYPH = re.compile(rb"<([0-9A-F]{4})> <([0-9A-F]+)>\n")
_SHOWN = re.compile(rb"(?<= Tm\[).*?(?=\]TJ\n)", re.DOTALL)
_PIECE = re.compile(rb"\\([0-7]{3}|.)|[()]|[^\\()]+", re.DOTALL)
_NAMED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def text_of(pdf: bytes) -> str:
    """Every run of text, one a line, once by each font: by another's table it reads as nonsense."""
    streams = [_unpacked(each) for each in _STREAM.findall(pdf)]
    fonts = [_table(each) for each in streams if b"beginbfchar" in each]
    shown = [run for each in streams if b" Tf " in each for run in _SHOWN.findall(each)]
    runs = [b"".join(_strings(each)) for each in shown]
    return "\n".join(_read(run, font) for font in fonts for run in runs)


def _unpacked(stream: bytes) -> bytes:
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return stream


def _table(cmap: bytes) -> dict[int, str]:
    pairs = _GLYPH.findall(cmap)
    return {int(glyph, 16): bytes.fromhex(said.decode()).decode("utf-16-be") for glyph, said in pairs}


def _read(run: bytes, font: dict[int, str]) -> str:
    glyphs = (int.from_bytes(run[n : n + 2]) for n in range(0, len(run), 2))
    return "".join(font.get(glyph, "\N{REPLACEMENT CHARACTER}") for glyph in glyphs)


def _strings(shown: bytes) -> Iterator[bytes]:
    """What stands inside strings; between them stand distances. Parentheses that match are not escaped."""
    depth = 0
    for piece in _PIECE.finditer(shown):
        depth -= piece[0] == b")"
        if depth:
            yield _meant(piece[1]) if piece[1] else piece[0]
        depth += piece[0] == b"("


def _meant(escaped: bytes) -> bytes:
    return bytes([int(escaped, 8)]) if len(escaped) == 3 else _NAMED.get(escaped, escaped)
