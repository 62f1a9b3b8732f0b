"""Column types: a word of a closed list, and a contract kept as JSON."""

from enum import StrEnum
from typing import Any

from sqlalchemy import Dialect, Text, TypeDecorator
from sqlalchemy.dialects.postgresql import JSONB

from kernel.base import wire


class Word(TypeDecorator[StrEnum]):
    """A word of a closed list: text in the table, a member of the list in Python."""

    impl = Text
    cache_ok = True

    def __init__(self, words: type[StrEnum]) -> None:
        super().__init__()
        self.words = words

    def process_bind_param(self, value: StrEnum | None, dialect: Dialect) -> str | None:
        return None if value is None else str(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> StrEnum | None:
        return None if value is None else self.words(value)


class Shape(TypeDecorator[Any]):
    """A contract's dataclass: JSON in the table, the dataclass in Python. A value, replaced as a whole."""

    impl = JSONB(none_as_null=True)
    cache_ok = True

    def __init__(self, shape: type[Any]) -> None:
        super().__init__()
        self.shape = shape

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else wire.dump(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else wire.load(self.shape, value)
