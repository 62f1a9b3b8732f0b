"""Vietnamese text: one form of every letter, and a folded form that searches without diacritics."""

from unicodedata import combining, normalize

_STROKE = str.maketrans({"đ": "d", "Đ": "D"})


def nfc(text: str) -> str:
    """The precomposed form that TCVN 6909:2001 asks for."""
    return normalize("NFC", text)


def fold(text: str) -> str:
    """Lower case without diacritics: 'Thủ tục Đề nghị' becomes 'thu tuc de nghi'."""
    bare = (c for c in normalize("NFD", text.translate(_STROKE)) if not combining(c))
    return " ".join("".join(bare).lower().split())


def camel(name: str) -> str:
    """A contract's name as the schema spells it: `received_at` is `receivedAt`."""
    first, *rest = name.split("_")
    return first + "".join(each.capitalize() for each in rest)
