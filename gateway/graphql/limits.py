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
    Node,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    get_named_type,
)
from graphql.type import is_list_type, is_non_null_type

from gateway.graphql.places import Place, place_of
from gateway.graphql.prices import price_of
from kernel.base.errors import Invalid

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
    """What a selection set asks for, its fragments expanded.

    `each` are calls for every parent, `shared` calls for all parents that arrive together.
    """

    depth: int = 0
    roots: int = 0
    selections: int = 0
    aliases: int = 0
    directives: int = 0
    each: int = 0
    shared: int = 0

    @property
    def calls(self) -> int:
        """Calls to services in all, where there is one parent."""
        return self.each + self.shared

    def beside(self, other: "Size") -> "Size":
        """The size of both in the same selection set."""
        return Size(
            depth=max(self.depth, other.depth),
            roots=self.roots + other.roots,
            selections=self.selections + other.selections,
            aliases=self.aliases + other.aliases,
            directives=self.directives + other.directives,
            each=self.each + other.each,
            shared=self.shared + other.shared,
        )


class TooMuch(Exception):
    """A limit is passed, and where: the field that most of it is owed to, and its place in the text."""

    def __init__(self, refusal: Invalid, place: Place) -> None:
        super().__init__(refusal.code)
        self.refusal, self.place = refusal, place


class Measure:
    """Measures one document against the limits; raises `TooMuch` at the first one passed."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, limits: Limits) -> None:
        self.schema, self.document, self.limits = schema, document, limits
        definitions = document.definitions
        self.operations = [d for d in definitions if isinstance(d, OperationDefinitionNode)]
        fragments = (d for d in definitions if isinstance(d, FragmentDefinitionNode))
        self.fragments = {fragment.name.value: fragment for fragment in fragments}
        self.measured: dict[str, Size] = {}
        self.sizes: dict[int, Size] = {}
        """The figures of every selection of the document, by the identity of its node."""
        self.open: set[str] = set()

    def check(self) -> Size:
        """Every operation, and every fragment even if none spreads it; how much is asked for in all."""
        last = self.operations[-1] if self.operations else self.document
        self._refuse_over("too_many_operations", len(self.operations), self.limits.operations, last)
        size = Size()
        for operation in self.operations:
            size = size.beside(self._check_operation(operation))
        for name, fragment in self.fragments.items():
            # What the fragment is used for is not known here; introspection may go deeper.
            self._check_size(self._fragment(name, fragment), self.limits.introspection_depth, fragment)
        return size

    def _check_operation(self, operation: OperationDefinitionNode) -> Size:
        root = self.schema.get_root_type(operation.operation)
        size = self._set(operation.selection_set, root)
        self._check_size(size, self.limits.depth, operation)
        if operation.operation is OperationType.MUTATION:
            self._refuse_over("too_many_mutations", size.roots, self.limits.mutations, operation)
        return size

    def _check_size(self, size: Size, depth: int, node: Node) -> None:
        limits = self.limits
        self._refuse_over("query_too_deep", size.depth, depth, node, "depth")
        self._refuse_over("too_many_selections", size.selections, limits.selections, node, "selections")
        self._refuse_over("too_many_aliases", size.aliases, limits.aliases, node, "aliases")
        self._refuse_over("too_many_directives", size.directives, limits.directives, node, "directives")
        self._refuse_over("too_many_calls", size.calls, limits.calls, node, "calls")

    def _set(self, selections: SelectionSetNode | None, parent: Any) -> Size:
        if selections is None:
            return Size()
        self._check_repeats(selections)
        size = Size()
        for node in selections.selections:
            size = size.beside(self._selection(node, parent))
        return size

    def _selection(self, node: Any, parent: Any) -> Size:
        size = Size(directives=len(node.directives or ()))
        if isinstance(node, FieldNode):
            size = self._field(node, parent).beside(size)
        elif isinstance(node, FragmentSpreadNode):
            size = self._fragment(node.name.value, node).beside(size)
        else:
            size = self._inline(node, parent).beside(size)
        self.sizes[id(node)] = size
        return size

    def _inline(self, node: InlineFragmentNode, parent: Any) -> Size:
        condition = node.type_condition
        kind = self.schema.get_type(condition.name.value) if condition else parent
        return self._set(node.selection_set, kind)

    def _fragment(self, name: str, node: Node) -> Size:
        fragment = self.fragments.get(name)
        if fragment is None:
            return Size()
        if name in self.open:
            raise TooMuch(Invalid("circular_fragments", name=name), place_of(self.document, node))
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
            self._refuse_over("query_too_deep", depth, self.limits.introspection_depth, node)
            depth = 1
        price = price_of(field)
        each, shared = below.each * _items(node, field), below.shared
        if price.each:
            # Each parent's answer comes at a time of its own, and what is below cannot wait for the others.
            each, shared = each + shared, 0
        return Size(
            depth=depth,
            roots=1,
            selections=below.selections + 1,
            aliases=below.aliases + int(node.alias is not None),
            directives=below.directives,
            each=each + price.each,
            shared=shared + price.shared,
        )

    def _check_repeats(self, selections: SelectionSetNode) -> None:
        # Merging n equal fields costs n² comparisons in validation, so few are let through.
        fields = [node for node in selections.selections if isinstance(node, FieldNode)]
        names = Counter((node.alias or node.name).value for node in fields)
        name, most = next(iter(names.most_common(1)), ("", 0))
        if most > self.limits.repeats:
            node = next(each for each in fields if (each.alias or each.name).value == name)
            self._refuse_over("too_many_repeats", most, self.limits.repeats, node)

    def _refuse_over(
        self, code: str, actual: int, limit: int, node: Node, measure: str | None = None
    ) -> None:
        if actual > limit:
            place = place_of(self.document, node, self._heaviest(node, measure) if measure else ())
            raise TooMuch(Invalid(code, place.path or None, limit=limit, cost=actual, name=place.path), place)

    def _heaviest(self, node: Any, measure: str) -> tuple[FieldNode, ...]:
        """The way down to the field that most is owed to, as long as one selection has half of it."""
        way: list[FieldNode] = []
        owed = 0
        while True:
            parts = [each for each in self._below(node) if id(each) in self.sizes]
            if not parts:
                return tuple(way)
            node = max(parts, key=lambda each: getattr(self.sizes[id(each)], measure))
            most = getattr(self.sizes[id(node)], measure)
            if way and measure not in ("depth", "calls") and most * 2 < owed:
                return tuple(way)
            if measure == "calls" and most == 0:
                return tuple(way)
            if isinstance(node, FieldNode):
                way.append(node)
            owed = most

    def _below(self, node: Any) -> Any:
        if isinstance(node, FragmentSpreadNode):
            node = self.fragments[node.name.value]
        return node.selection_set.selections if node.selection_set else ()


def _items(node: FieldNode, field: Any) -> int:
    """How many items a field answers with at most, as far as the text says."""
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
