"""Vietnamese names as files bring them: mended where that is certain, refused where it is not.

TCVN 6909:2001 asks for precomposed Unicode. Old files hold TCVN3 (ABC) or VNI bytes shown as other letters,
and copied text holds letters of other scripts that look alike.
"""

from dataclasses import dataclass
from unicodedata import category, normalize

from kernel.base.errors import Invalid

_ALIKE = str.maketrans("АВЕКМНОРСТХУІаеорсухіԛһΑΒΕΗΙΚΜΝΟΡΤΥΧο", "ABEKMHOPCTXYIaeopcyxiqhABEHIKMNOPTYXo")
_TONES = "\u0300\u0301\u0303\u0309\u0323"
_SHAPES = "\u0302\u0306\u031b"
_IGNORED = dict.fromkeys(map(ord, "\u200b\u200c\u200d\ufeff"))
_TCVN3 = dict(
    zip(
        "µ¸¶·¹¨»¾¼½Æ©ÇÊÈÉË®ÌÐÎÏÑªÒÕÓÔÖ×ÝØÜÞßãáâä«åèæçé¬êíëìîïóñòô­õøö÷ùúýûüþ",
        "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ",
        strict=True,
    )
)
_TCVN3 |= dict(zip("§¡¢£¤¥¦", "ĐĂÂÊÔƠƯ", strict=True))
_ONLY_TCVN3 = frozenset("µ¸¶·¹¨»¾¼½Æ©Ç®ÐÎÏÑªÖ×ØÜÞßäåæëîïñöûü«¬§¡¢£¤¥¦")
"""Signs that no Vietnamese name written in Unicode holds."""


@dataclass(frozen=True, kw_only=True)
class Mended:
    """A name as it is kept, and what was done to it, as a code of the catalogue."""

    text: str
    notes: tuple[str, ...] = ()


def mend(text: str) -> Mended:
    """The name in precomposed Vietnamese letters; `Invalid` where nobody can say which they are."""
    notes = []
    bare = " ".join(normalize("NFC", text).translate(_IGNORED).split())
    if (alike := bare.translate(_ALIKE)) != bare:
        notes.append("name_lookalikes_mended")
    if _ONLY_TCVN3 & frozenset(alike):
        turned = "".join(_TCVN3.get(letter, letter) for letter in alike)
        if not is_vietnamese(turned):
            raise Invalid("name_mixed_font", "full_name")
        return Mended(text=turned, notes=(*notes, "name_tcvn3_mended"))
    if not is_vietnamese(alike):
        raise Invalid("name_mixed_font", "full_name")
    return Mended(text=alike, notes=tuple(notes))


def is_vietnamese(text: str) -> bool:
    """Whether every sign may stand in a Vietnamese name, and no vowel follows that only VNI puts there."""
    return all(_may_stand(letter) for letter in text) and not _is_vni(text)


def _may_stand(letter: str) -> bool:
    if letter in " .'’-()":
        return True
    parts = list(normalize("NFD", letter))
    base, marks = parts[0], parts[1:]
    if letter in "đĐ":
        return True
    shapes, tones = [m for m in marks if m in _SHAPES], [m for m in marks if m in _TONES]
    known = len(shapes) + len(tones) == len(marks) and len(tones) <= 1
    return known and base.isascii() and category(base)[0] == "L" and (not marks or _bears(base, shapes))


def _bears(base: str, shapes: list[str]) -> bool:
    """Which shapes a vowel takes: â ê ô, ă, ơ ư."""
    fitting = {"\u0302": "aeo", "\u0306": "a", "\u031b": "ou"}
    return base.lower() in ("aeiouy" if not shapes else fitting[shapes[0]])


def _is_vni(text: str) -> bool:
    """VNI writes a vowel and its mark as two letters: 'eã', 'aâ', 'oâ' stand in no Vietnamese word."""
    for first, second in zip(text.lower(), text.lower()[1:], strict=False):
        marked = not second.isascii() and second.isalpha() and second != "đ"
        vowel = normalize("NFD", second)[0] in "aeiouy"
        if marked and vowel and (first in "ae" or first + second in ("oâ", "oê", "iâ", "iã")):
            return True
    return False
