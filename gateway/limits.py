"""What a GraphQL document may cost, judged before it is validated or run.

Strawberry's own limiters count what is written; here fragments are expanded, since a short text
of nested fragments can ask for millions of fields (GHSA-fr49-mhgj-crfc). Each fragment is measured
once and its size added wherever it is spread, so judging a fragment bomb costs linear time.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    get_named_type,
)
from graphql.type import is_list_type, is_non_null_type

from gateway.problems import Refused
from kernel.errors import Invalid

ONE_CALL_EACH = frozenset({"Document.trail", "Revision.download", "Agency.positions"})
"""Fields that cost one call per parent, since their service answers for one thing at a time."""
PAGE, LIST = 100, 20
"""Items assumed on a page whose `first` is a variable, and in a list that has no `first`."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How much one request may ask for."""

    body_bytes: int = 256 * 1024
    signed_in_body_bytes: int = 4 * 1024 * 1024
    """What comes with a session: so much that a sync of 1,000,000 characters fits, escaped as it may be."""
    tokens: int = 2000
    operations: int = 10
    depth: int = 12
    introspection_depth: int = 20
    selections: int = 400
    aliases: int = 25
    repeats: int = 10
    directives: int = 20
    mutations: int = 5
    calls: int = 120


@dataclass(frozen=True, kw_only=True)
class Size:
    """What a selection set asks for, its fragments expanded."""

    depth: int = 0
    roots: int = 0
    selections: int = 0
    aliases: int = 0
    directives: int = 0
    calls: int = 0

    def beside(self, other: "Size") -> "Size":
        """Both in the same selection set."""
        return Size(
            depth=max(self.depth, other.depth),
            roots=self.roots + other.roots,
            selections=self.selections + other.selections,
            aliases=self.aliases + other.aliases,
            directives=self.directives + other.directives,
            calls=self.calls + other.calls,
        )


class Measure:
    """Measures one document against the limits; raises `Refused` at the first one passed."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, limits: Limits) -> None:
        self.schema, self.limits = schema, limits
        definitions = document.definitions
        self.operations = [d for d in definitions if isinstance(d, OperationDefinitionNode)]
        fragments = (d for d in definitions if isinstance(d, FragmentDefinitionNode))
        self.fragments = {fragment.name.value: fragment for fragment in fragments}
        self.measured: dict[str, Size] = {}
        self.open: set[str] = set()

    def check(self) -> Size:
        """Every operation, and every fragment even if none spreads it; how much is asked for in all."""
        _refuse_over("too_many_operations", len(self.operations), self.limits.operations)
        size = Size()
        for operation in self.operations:
            size = size.beside(self._check_operation(operation))
        for name in self.fragments:
            # What the fragment is used for is not known here; introspection may go deeper.
            self._check_size(self._fragment(name), self.limits.introspection_depth)
        return size

    def _check_operation(self, operation: OperationDefinitionNode) -> Size:
        root = self.schema.get_root_type(operation.operation)
        size = self._set(operation.selection_set, root)
        self._check_size(size, self.limits.depth)
        if operation.operation is OperationType.MUTATION:
            _refuse_over("too_many_mutations", size.roots, self.limits.mutations)
        return size

    def _check_size(self, size: Size, depth: int) -> None:
        limits = self.limits
        _refuse_over("query_too_deep", size.depth, depth)
        _refuse_over("too_many_selections", size.selections, limits.selections)
        _refuse_over("too_many_aliases", size.aliases, limits.aliases)
        _refuse_over("too_many_directives", size.directives, limits.directives)
        _refuse_over("too_many_calls", size.calls, limits.calls)

    def _set(self, selections: SelectionSetNode | None, parent: Any) -> Size:
        if selections is None:
            return Size()
        self._check_repeats(selections)
        size = Size()
        for node in selections.selections:
            size = size.beside(self._selection(node, parent))
        return size

    def _selection(self, node: Any, parent: Any) -> Size:
        directives = Size(directives=len(node.directives or ()))
        if isinstance(node, FieldNode):
            return self._field(node, parent).beside(directives)
        if isinstance(node, FragmentSpreadNode):
            return self._fragment(node.name.value).beside(directives)
        return self._inline(node, parent).beside(directives)

    def _inline(self, node: InlineFragmentNode, parent: Any) -> Size:
        condition = node.type_condition
        kind = self.schema.get_type(condition.name.value) if condition else parent
        return self._set(node.selection_set, kind)

    def _fragment(self, name: str) -> Size:
        fragment = self.fragments.get(name)
        if fragment is None:
            return Size()
        if name in self.open:
            raise Refused.because(Invalid("circular_fragments", name=name))
        if name not in self.measured:
            self.open.add(name)
            kind = self.schema.get_type(fragment.type_condition.name.value)
            self.measured[name] = self._set(fragment.selection_set, kind)
            self.open.remove(name)
        return self.measured[name]

    def _field(self, node: FieldNode, parent: Any) -> Size:
        name = node.name.value
        field = getattr(parent, "fields", {}).get(name)
        below = self._set(node.selection_set, get_named_type(field.type) if field else None)
        depth = below.depth + 1
        if name in ("__schema", "__type"):
            _refuse_over("query_too_deep", depth, self.limits.introspection_depth)
            depth = 1
        own = int(f"{getattr(parent, 'name', '')}.{name}" in ONE_CALL_EACH)
        return Size(
            depth=depth,
            roots=1,
            selections=below.selections + 1,
            aliases=below.aliases + int(node.alias is not None),
            directives=below.directives,
            calls=own + below.calls * _items(node, field),
        )

    def _check_repeats(self, selections: SelectionSetNode) -> None:
        # Merging n equal fields costs n² comparisons in validation, so few are let through.
        names = Counter(
            (node.alias or node.name).value for node in selections.selections if isinstance(node, FieldNode)
        )
        most = max(names.values(), default=0)
        _refuse_over("too_many_repeats", most, self.limits.repeats)


def _items(node: FieldNode, field: Any) -> int:
    """How many items a field answers with at most, as far as the text tells."""
    if field is None:
        return 1
    if "first" in field.args:
        return _first(node, field.args["first"].default_value)
    kind = field.type.of_type if is_non_null_type(field.type) else field.type
    is_page = get_named_type(kind).name.endswith("Edge")
    return LIST if is_list_type(kind) and not is_page else 1


def _first(node: FieldNode, default: Any) -> int:
    given = next((a.value for a in node.arguments or () if a.name.value == "first"), None)
    if given is None:
        return int(default)
    # Anything but a plain number within the bounds is refused later; here it counts as a full page.
    if isinstance(given, IntValueNode) and given.value.isdigit() and len(given.value) <= 3:
        return int(given.value)
    return PAGE


def _refuse_over(code: str, actual: int, limit: int) -> None:
    if actual > limit:
        raise Refused.because(Invalid(code, limit=limit))
