"""The generated files, from the committed schema and the operations."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    build_schema,
    is_required_input_field,
    parse,
    print_ast,
    validate,
)

from client.generator.methods import Methods
from client.generator.shapes import NotSupported, Shapes, snake

HERE = Path(__file__).parents[1]
SCHEMA = HERE.parent / "gateway" / "schema.graphql"
OPERATIONS, INTO = HERE / "operations", HERE / "generated"
HEAD = '"""{what} Written by `make client`; change the operations instead."""'


def _title(name: str) -> str:
    return "About" + "".join(part.title() for part in name.split("_"))


def written() -> dict[str, str]:
    """Every generated file by its name."""
    schema = build_schema(SCHEMA.read_text("utf-8"))
    documents = {path.stem: parse(path.read_text("utf-8")) for path in sorted(OPERATIONS.glob("*.graphql"))}
    _check(schema, documents)
    fragments = {
        each.name.value: each
        for document in documents.values()
        for each in document.definitions
        if isinstance(each, FragmentDefinitionNode)
    }
    enums: dict[str, GraphQLEnumType] = {}
    inputs: dict[str, GraphQLInputObjectType] = {}
    files = {}
    for name, document in documents.items():
        files[name] = _module(name, document, schema, fragments, enums, inputs)
    words = [HEAD.format(what="Words of the schema."), "from typing import Literal", *_enums(enums)]
    files["enums"] = "\n".join(words)
    files["inputs"] = _inputs(schema, inputs)
    files["__init__"] = _all(list(documents))
    return _formatted(files)


def _check(schema: GraphQLSchema, documents: Mapping[str, DocumentNode]) -> None:
    whole = parse("\n".join(print_ast(each) for each in documents.values()))
    if wrong := validate(schema, whole):
        raise NotSupported("\n".join(str(each) for each in wrong))


def _module(
    name: str,
    document: DocumentNode,
    schema: GraphQLSchema,
    fragments: Mapping[str, FragmentDefinitionNode],
    enums: dict[str, GraphQLEnumType],
    inputs: dict[str, GraphQLInputObjectType],
) -> str:
    writer = Methods(schema, fragments, enums, inputs)
    operations = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    texts, methods = zip(*(writer.method(each) for each in operations), strict=True)
    mine = sorted(writer.used & enums.keys()), sorted(writer.used & inputs.keys())
    lines = [
        HEAD.format(what=f"What is asked about {name.replace('_', ' ')}."),
        "from collections.abc import Sequence",
        "from enum import Enum",
        "from typing import Any, TypedDict",
        "from client.caller import Day, Caller, Id, Moment, Shape",
        *(f"from client.generated.enums import {each}" for each in mine[0]),
        *(f"from client.generated.inputs import {each}" for each in mine[1]),
        *writer.shapes,
        *texts,
        f'class {_title(name)}(Caller):\n    """Operations about {name.replace("_", " ")}."""\n',
        "\n".join(methods),
    ]
    return "\n\n".join(lines)


def _enums(enums: Mapping[str, GraphQLEnumType]) -> Iterator[str]:
    for name, kind in sorted(enums.items()):
        values = ", ".join(f'"{value}"' for value in kind.values)
        yield f"{name} = Literal[{values}]"


def _inputs(schema: GraphQLSchema, inputs: Mapping[str, GraphQLInputObjectType]) -> str:
    writer = Shapes(schema, {})
    shapes = []
    for name, kind in sorted(inputs.items()):
        lines = [f"class {name}(TypedDict, total=False):", f'    """A {name}, as a mapping."""', ""]
        for key, each in kind.fields.items():
            kind_ = writer.given(each.type)
            lines.append(
                f"    {snake(key)}: {f'Required[{kind_}]' if is_required_input_field(each) else kind_}"
            )
        shapes.append("\n".join(lines))
    used = sorted(writer.enums)
    return "\n\n".join(
        [
            HEAD.format(what="What is given inside of a command."),
            "from __future__ import annotations",
            "from collections.abc import Sequence",
            "from enum import Enum",
            "from typing import Required, TypedDict",
            "from client.caller import Day, Id, Moment, Shape",
            *(f"from client.generated.enums import {each}" for each in used),
            *shapes,
        ]
    )


def _all(names: list[str]) -> str:
    titles = {name: _title(name) for name in names}
    return "\n".join(
        [
            HEAD.format(what="Every operation of the client in one."),
            *(f"from client.generated.{name} import {title}" for name, title in titles.items()),
            f"class Operations({', '.join(titles.values())}):",
            '    """All of them, for one caller."""',
        ]
    )


def _formatted(files: Mapping[str, str]) -> dict[str, str]:
    """As `make format` would leave them: without imports that a file does not need."""
    found = {}
    for name, text in files.items():
        for step in (["check", "--quiet", "--fix", "--select", "F401,I"], ["format", "--quiet"]):
            ruff = [sys.executable, "-m", "ruff", *step, "--stdin-filename", str(INTO / f"{name}.py"), "-"]
            done = subprocess.run(
                ruff, input=text, capture_output=True, text=True, check=True, cwd=HERE.parent
            )
            text = done.stdout
        found[f"{name}.py"] = text
    return found
