"""The method of each operation: its text, what it is given, and how its answer is unpacked."""

from collections.abc import Iterable
from textwrap import wrap

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLInputObjectType,
    GraphQLUnionType,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    get_named_type,
    print_ast,
    type_from_ast,
)

from client.generator.shapes import NotSupported, Shapes, snake

PROBLEM = "... on Problem { code message remedy field }"


class Methods(Shapes):
    """The methods of one file of operations."""

    def method(self, operation: OperationDefinitionNode) -> tuple[str, str]:
        """The text that is sent, under its constant's name, and the method that sends it."""
        if operation.name is None or len(operation.selection_set.selections) < 1:
            raise NotSupported("an operation without a name")
        if operation.operation is OperationType.MUTATION:
            return self._command(operation, operation.name.value)
        if operation.operation is OperationType.QUERY:
            return self._question(operation, operation.name.value)
        raise NotSupported(f"{operation.name.value}: {operation.operation.value}")

    def _command(self, operation: OperationDefinitionNode, name: str) -> tuple[str, str]:
        [root] = operation.selection_set.selections
        assert isinstance(root, FieldNode)
        assert root.selection_set is not None
        assert self.schema.mutation_type is not None
        asked = self.schema.mutation_type.fields[root.name.value]
        union = get_named_type(asked.type)
        assert isinstance(union, GraphQLUnionType)
        [success] = [each for each in union.types if not each.name.endswith("Problem")]
        [only] = root.selection_set.selections
        inner = only.selection_set if isinstance(only, InlineFragmentNode) else root.selection_set
        answer = self.shape(success, inner, name)
        kind = get_named_type(asked.args["input"].type)
        assert isinstance(kind, GraphQLInputObjectType)
        wanted = " ".join(print_ast(only).split())
        sent = f"mutation {name}($input: {kind.name}!) {{\n  answer: {root.name.value}(input: $input) {{"
        sent += f"\n    __typename\n    {wanted}\n    {PROBLEM}\n  }}\n}}" + self._spread(root.selection_set)
        arguments = list(self.arguments(kind))
        passed = ", ".join(f'"{each}": {each}' for each, _ in arguments)
        call = f'await self._command("{root.name.value}", {_constant(name)}, {{{passed}}})'
        body = f"        done: {answer} = {call}\n        return done"
        return _assigned(name, sent), self._def(name, arguments, answer, asked.description, body)

    def _question(self, operation: OperationDefinitionNode, name: str) -> tuple[str, str]:
        variables = {each.variable.name.value: each for each in operation.variable_definitions or ()}
        arguments = []
        for key, each in variables.items():
            kind = self.given(type_from_ast(self.schema, each.type))
            arguments.append((snake(key), f"{kind} = None" if kind.endswith("| None") else kind))
        assert self.schema.query_type is not None
        roots = [each for each in operation.selection_set.selections if isinstance(each, FieldNode)]
        sent = _assigned(name, print_ast(operation) + self._spread(operation.selection_set))
        if len(roots) > 1:
            answer = self.shape(self.schema.query_type, operation.selection_set, name)
            body = f"        found: {answer} = await self._query({self._passed(name, variables)})"
            return sent, self._def(name, arguments, answer, None, body + "\n        return found")
        [root] = roots
        kind, key, nodes = self.schema.query_type.fields[root.name.value], root.name.value, _nodes_of(root)
        one = f'await self._one("{key}", {self._passed(name, variables)})'
        if nodes is None:
            answer = self.answer(kind.type, root.selection_set, name).removesuffix(" | None")
            body = f"        found: {answer} = {one}"
            return sent, self._def(name, arguments, answer, kind.description, body + "\n        return found")
        node = get_named_type(get_named_type(kind.type).fields["edges"].type).fields["node"].type
        answer = f"list[{self.shape(get_named_type(node), nodes, name)}]"
        if "after" in variables:
            passed = self._passed(name, [each for each in variables if each != "after"])
            body = f'        found: {answer} = await self._every("{key}", {passed})'
            arguments = [each for each in arguments if each[0] != "after"]
        else:
            body = f'        found: {answer} = [edge["node"] for edge in ({one})["edges"]]'
        return sent, self._def(name, arguments, answer, kind.description, body + "\n        return found")

    def _passed(self, name: str, variables: Iterable[str]) -> str:
        return ", ".join([_constant(name), *(f"{each}={snake(each)}" for each in variables)])

    def _spread(self, selected: SelectionSetNode) -> str:
        """The fragments that a selection uses, and those that these use."""
        found: dict[str, str] = {}
        waiting = [selected]
        while waiting:
            for each in waiting.pop().selections:
                if isinstance(each, FragmentSpreadNode) and each.name.value not in found:
                    fragment = self.fragments[each.name.value]
                    found[each.name.value] = print_ast(fragment)
                    waiting.append(fragment.selection_set)
                elif isinstance(each, FieldNode | InlineFragmentNode) and each.selection_set is not None:
                    waiting.append(each.selection_set)
        return "".join(f"\n{text}" for text in found.values())

    def _def(
        self, name: str, arguments: list[tuple[str, str]], answer: str, about: str | None, body: str
    ) -> str:
        given = "".join(f", {each}: {kind}" for each, kind in arguments)
        given = f", *{given}" if given else ""
        said = "\n        ".join(wrap((about or f"{name}.").split("\n")[0].replace('"', "'"), 95))
        return f'    async def {snake(name)}(self{given}) -> {answer}:\n        """{said}"""\n{body}\n'


def _nodes_of(root: FieldNode) -> SelectionSetNode | None:
    """What is selected of a connection's nodes; None where it is no connection."""
    for each in root.selection_set.selections if root.selection_set else ():
        if isinstance(each, FieldNode) and each.name.value == "edges" and each.selection_set:
            [node] = each.selection_set.selections
            assert isinstance(node, FieldNode)
            return node.selection_set
    return None


def _constant(name: str) -> str:
    return snake(name).upper()


def _assigned(name: str, text: str) -> str:
    lines = "\n".join(wrap(" ".join(text.split()), 105))
    return f'{_constant(name)} = """\n{lines}\n"""'
