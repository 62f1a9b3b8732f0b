"""How types of the schema are called in Python: answers as TypedDicts, what is given as keywords."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    SelectionSetNode,
    is_required_input_field,
    print_ast,
)

SCALARS = {"Int": "int", "Float": "float", "Boolean": "bool"}
GIVEN = {**SCALARS, "UUID": "Id", "Date": "Day", "DateTime": "Moment"}


class NotSupported(Exception):
    """An operation of a kind that the client has no method for; the message says which and why."""


def snake(name: str) -> str:
    """camelCase as Python spells it."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")


@dataclass
class Shapes:
    """What the answers and inputs of one file of operations are called, and what they all need."""

    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    enums: dict[str, GraphQLEnumType] = field(default_factory=dict)
    inputs: dict[str, GraphQLInputObjectType] = field(default_factory=dict)
    shapes: list[str] = field(default_factory=list)
    known: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)

    def answer(self, given: object, selected: SelectionSetNode | None, name: str) -> str:
        """How Python calls an answer of this type; the shapes it needs are written on the way."""
        if isinstance(given, GraphQLNonNull):
            return self._certain(given.of_type, selected, name)
        return f"{self._certain(given, selected, name)} | None"

    def _certain(self, given: object, selected: SelectionSetNode | None, name: str) -> str:
        if isinstance(given, GraphQLList):
            return f"list[{self.answer(given.of_type, selected, name)}]"
        if isinstance(given, GraphQLEnumType):
            return self._enum(given)
        if selected is None:
            return SCALARS.get(str(given), "str")
        return self.shape(given, selected, name)

    def _enum(self, given: GraphQLEnumType) -> str:
        self.enums[given.name] = given
        self.used.add(given.name)
        return given.name

    def shape(self, given: object, selected: SelectionSetNode, name: str) -> str:
        """A TypedDict of what is selected; a fragment that stands alone gives it its own name."""
        match selected.selections:
            case [FragmentSpreadNode() as only]:
                name, selected = only.name.value, self.fragments[only.name.value].selection_set
        if name not in self.known:
            self.known.add(name)
            lines = [f"    {key}: {kind}" for key, kind in self._fields(given, selected, name).items()]
            about = f'    """What is asked of a {given}."""\n\n'
            self.shapes.append(f"class {name}(TypedDict):\n{about}" + "\n".join(lines))
        return name

    def _fields(self, given: object, selected: SelectionSetNode, name: str) -> dict[str, str]:
        found: dict[str, str] = {}
        for each in selected.selections:
            if isinstance(each, FieldNode):
                key = each.alias.value if each.alias else each.name.value
                kind = given.fields[each.name.value].type  # type: ignore[attr-defined]
                found[key] = self.answer(kind, each.selection_set, name + key[0].upper() + key[1:])
            elif isinstance(each, FragmentSpreadNode):
                fragment = self.fragments[each.name.value]
                found |= self._fields(given, fragment.selection_set, fragment.name.value)
            else:
                raise NotSupported(f"{name}: {print_ast(each)}")
        return found

    def given(self, kind: object) -> str:
        """How Python calls what is given for a type; optional where GraphQL lets it be left out."""
        if isinstance(kind, GraphQLNonNull):
            return self._needed(kind.of_type)
        return f"{self._needed(kind)} | None"

    def _needed(self, kind: object) -> str:
        if isinstance(kind, GraphQLList):
            return f"Sequence[{self.given(kind.of_type)}]"
        if isinstance(kind, GraphQLEnumType):
            return f"{self._enum(kind)} | Enum"
        if isinstance(kind, GraphQLInputObjectType):
            self._input(kind)
            return f"{kind.name} | Shape"
        return GIVEN.get(str(kind), "str")

    def _input(self, kind: GraphQLInputObjectType) -> None:
        self.used.add(kind.name)
        if kind.name not in self.inputs:
            self.inputs[kind.name] = kind
            for each in kind.fields.values():
                self.given(each.type)

    def arguments(self, kind: GraphQLInputObjectType) -> Iterator[tuple[str, str]]:
        """Each field of a command's input as a keyword; those that must be given first."""
        fields_ = {snake(name): each for name, each in kind.fields.items()}
        needed = [
            name for name, each in fields_.items() if is_required_input_field(each) and name != "request_id"
        ]
        for name in needed:
            yield name, self.given(fields_[name].type)
        for name, each in fields_.items():
            if name not in needed:
                yield name, f"{self.given(each.type).removesuffix(' | None')} | None = None"
