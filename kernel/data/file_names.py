"""Names of files as they are kept: what a person reads, and nothing that a system or an eye is misled by."""

import re
import unicodedata
from functools import cache

from kernel.base.text import nfc
from kernel.data.judging.rules import media_types, rules

LONGEST = 150
# Control and format characters turn the reading direction, hide, or end a header's line.
UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
RESERVED = re.compile(r'[<>:"|?*%]')
DEVICES = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)$", re.IGNORECASE)
NAMELESS = "tep"


def kept_name(name: str, media_type: str) -> str:
    """The last part of the path, without what misleads, and with the ending of the type that was found."""
    last = re.split(r"[/\\]", nfc(name))[-1]
    seen = "".join(" " if letter in "\t\r\n" else letter for letter in last)
    seen = "".join(letter for letter in seen if unicodedata.category(letter) not in UNSEEN)
    stem = " ".join(RESERVED.sub("-", seen).split())
    stem = _without_endings(stem.strip(" ."))[:LONGEST].strip(" .") or NAMELESS
    if DEVICES.match(stem):
        stem = f"{stem}-"
    known = media_types().get(media_type)
    return f"{stem}{known.ending if known else ''}"


def _without_endings(stem: str) -> str:
    """Not whatever follows a point: "TB.UBND" is a paper's number."""
    while True:
        before, point, ending = stem.rpartition(".")
        if not point or ending.strip().lower() not in _endings():
            return stem
        stem = before.strip(" .")


@cache
def _endings() -> frozenset[str]:
    own = {each.ending.removeprefix(".") for each in media_types().values()}
    return frozenset(own | set(rules()["names"]["endings"]))
