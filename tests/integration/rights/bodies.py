"""The smallest request that a contract admits, with what is asked about put in its place."""

import re
from typing import Any
from uuid import UUID, uuid4

from msgspec import inspect

from kernel.base import clock

BY_NAME: dict[str, Any] = {
    "sha256": "0" * 64,
    "clause": "7.5",
    "framework": "tcvn-iso-9001:2015",
    "media_type": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "username": "nguoi-la",
    "tthc_code": "1.012644",
    "lines": "{}",
}
"""Texts that have a form, or must be one of a list."""
UNIQUE = ("code", "number")
LETTERS = "Một câu đủ dài để được nhận 2026"


def smallest(contract: type, **given: Any) -> dict[str, Any]:
    """Every required field filled, the others left out; `given` stands as it is."""
    shape = inspect.type_info(contract)
    required = (each for each in shape.fields if each.required and each.name not in given)
    return {each.name: _value(each.name, each.type) for each in required} | given


def ids_of(contract: type) -> dict[str, bool]:
    """The fields that hold the id of something, and whether they are lists."""
    found = {}
    for each in inspect.type_info(contract).fields:
        kinds = each.type.types if isinstance(each.type, inspect.UnionType) else (each.type,)
        for kind in kinds:
            is_list = isinstance(kind, inspect.ListType)
            if isinstance(kind.item_type if is_list else kind, inspect.UUIDType):
                found[each.name] = is_list
    found.pop("request_id", None)
    return found


def _value(name: str, kind: Any) -> Any:
    if name in BY_NAME:
        return BY_NAME[name]
    if name in UNIQUE:
        return f"QT.{uuid4().hex[:8].upper()}"
    return _MAKES[type(kind)](name, kind)


def _text(name: str, kind: inspect.StrType) -> str:
    text = LETTERS[: kind.max_length or None].ljust(kind.min_length or 0, ".")
    assert re.search(kind.pattern or "", text), f"{name}: say in BY_NAME what fits {kind.pattern}"
    return text


def _whole(name: str, kind: inspect.IntType) -> int:
    return 2026 if name == "year" else kind.ge or 0


def _several(name: str, kind: inspect.ListType) -> list[Any]:
    return [_value(name, kind.item_type) for _ in range(kind.min_length or 0)]


def _one_of(name: str, kind: inspect.UnionType) -> Any:
    return _value(name, next(each for each in kind.types if not isinstance(each, inspect.NoneType)))


def _whole_shape(name: str, kind: inspect.DataclassType) -> dict[str, Any]:
    return smallest(kind.cls)


_MAKES: dict[type, Any] = {
    inspect.UUIDType: lambda name, kind: uuid4(),
    inspect.StrType: _text,
    inspect.IntType: _whole,
    inspect.BoolType: lambda name, kind: True,
    inspect.DateType: lambda name, kind: clock.today(),
    inspect.EnumType: lambda name, kind: next(iter(kind.cls)).value,
    inspect.ListType: _several,
    inspect.UnionType: _one_of,
    inspect.DataclassType: _whole_shape,
    inspect.Metadata: lambda name, kind: _value(name, kind.type),
}


def same_but_for(answer: Any, asked: UUID) -> str:
    """An answer as text, without the id that was asked about: what it reveals of a thing is in the rest."""
    return repr(answer).replace(str(asked), "<id>")
