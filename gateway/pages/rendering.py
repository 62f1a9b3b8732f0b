"""Pages are written by templates: each text is escaped there, and a name that nobody gave is a defect."""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from contracts import messages

TEMPLATES = Path(__file__).with_name("templates")


def said(language: str, code: str, /, **facts: str) -> str:
    """A text of the catalogue in one language."""
    return messages.text(code, **facts)[language]


def render(template: str, language: str, /, **shown: Any) -> str:
    """The page that `template` makes of what is shown, in one language."""
    return environment(language).get_template(template).render(**shown)


@cache
def environment(language: str) -> Environment:
    """The templates with the words of one language: macros too write `say("code")`."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )

    def say(code: str, /, **facts: str) -> str:
        return said(language, code, **facts)

    made.globals.update(language=language, say=say)
    return made
