"""HTML written as calls; every text is escaped unless it is HTML already."""

from html import escape

VOID = frozenset({"meta", "link", "br", "input"})


class Html(str):
    """Text that is HTML and safe to put into a page."""


def tag(name: str, /, *children: str | None, **attributes: str | bool | None) -> Html:
    """An element; `class_` is `class`, `data_name` is `data-name`, what is None or False is left out."""
    given = "".join(_attribute(key, value) for key, value in attributes.items())
    if name in VOID:
        return Html(f"<{name}{given}>")
    return Html(f"<{name}{given}>{join(*children)}</{name}>")


def join(*children: str | None) -> Html:
    """Pieces one after the other; None is nothing."""
    safe = (c if isinstance(c, Html) else escape(c) for c in children if c is not None)
    return Html("".join(safe))


def _attribute(key: str, value: str | bool | None) -> str:
    if value is None or value is False:
        return ""
    name = key.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{escape(value)}"'
