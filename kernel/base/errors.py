"""Refusals: the expected answers 'no', with a code, a text in both languages and a field.

    Refusal
    ├── Invalid      the request is malformed or breaks a rule of the field
    ├── NotFound     there is no such thing, or none that the caller may see
    ├── Forbidden    the caller may see it but may not do this
    ├── Conflict     the thing is not, or no longer, in the state the request assumes
    └── Unavailable  a part of the platform does not answer now; the outcome may be unknown

Everything else that is raised is a defect: logged with its trace id and masked to the client.
"""

from typing import Any, ClassVar

from contracts import messages


class Refusal(Exception):
    """An expected 'no'. `code` is an entry of the catalogue, `facts` fill its placeholders."""

    kind: ClassVar[str] = "Refusal"

    def __init__(self, code: str, field: str | None = None, /, **facts: Any) -> None:
        self.code, self.field, self.facts = code, field, facts
        self.message = messages.text(code, **facts)
        self.remedy = messages.remedy(code, **facts)
        super().__init__(f"{code}: {self.message.en}")

    def as_data(self) -> dict[str, Any]:
        """The refusal as it travels: `{"kind", "code", "field", "message", "remedy"}`."""
        return {
            "kind": self.kind,
            "code": self.code,
            "field": self.field,
            "message": _both(self.message),
            "remedy": _both(self.remedy) if self.remedy else None,
        }


class Invalid(Refusal):
    """The request is malformed or breaks a rule."""

    kind = "Invalid"


class NotFound(Refusal):
    """There is no such thing, or none that the caller may see."""

    kind = "NotFound"


class Forbidden(Refusal):
    """The caller may not do this."""

    kind = "Forbidden"


class Conflict(Refusal):
    """The thing is not in the state that the request assumes."""

    kind = "Conflict"


class Unavailable(Refusal):
    """A part of the platform does not answer now."""

    kind = "Unavailable"


def _both(text: messages.Text) -> dict[str, str]:
    return {"vi": text.vi, "en": text.en}
