"""What may be changed in a module, one place at a time, and its source so changed."""

import ast
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass

COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
COUNTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}


@dataclass(frozen=True, kw_only=True)
class Change:
    """One change: where, what, and the whole module with it."""

    line: int
    what: str
    source: str


NEGATED = (ast.Eq, ast.NotEq, ast.Is, ast.IsNot, ast.In, ast.NotIn)
"""Comparisons whose change turns a condition round: one change, not two."""


def changes(source: str) -> Iterator[Change]:
    """Every change of the module, each once; what is for readers and the type checker stays as it is."""
    tree = ast.parse(source)
    for number, (node, what) in enumerate(_places(tree)):
        copy = deepcopy(tree)
        place, change = _nth(copy, number)
        was = ast.unparse(place)
        change(place)
        # A change may leave a place that is no expression any more, such as an emptied tuple.
        now = ast.unparse(ast.fix_missing_locations(copy))
        line = node.target.lineno if isinstance(node, ast.comprehension) else node.lineno
        yield Change(line=line, what=f"{what}: {was.splitlines()[0][:80]}", source=now)


def _nth(tree: ast.Module, number: int):  # type: ignore[no-untyped-def]
    for at, (node, what) in enumerate(_places(tree)):
        if at == number:
            return node, CHANGES[what]
    raise AssertionError(number)


def _places(tree: ast.Module) -> Iterator[tuple[ast.AST, str]]:
    for node in _executed(tree):
        yield from ((node, what) for what in _possible(node))


def _executed(tree: ast.AST) -> Iterator[ast.AST]:
    """What runs, in order of the source: no annotation, alias of a type or decorator, and no text."""
    for name, value in ast.iter_fields(tree):
        if name in ("annotation", "returns", "decorator_list", "type_params"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not _is_text(child) and not _is_no_rule(child, tree):
                yield child
                yield from _executed(child)


def _is_text(node: ast.AST) -> bool:
    return (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)) or isinstance(
        node, ast.JoinedStr
    )


def _is_no_rule(node: ast.AST, within: ast.AST) -> bool:
    """An alias such as `Span = tuple[date, date]`; `repr=` of a field; `strict=`, which is so already."""
    is_alias = isinstance(within, ast.Module) and isinstance(node, ast.Assign)
    return (is_alias and isinstance(node.value, ast.Subscript)) or (  # type: ignore[attr-defined]
        isinstance(node, ast.keyword) and node.arg in ("strict", "repr")
    )


def _possible(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Compare(ops=[op]) if type(op) in COMPARED:
            yield "compared otherwise"
        case ast.BoolOp():
            yield "and for or"
        case ast.UnaryOp(op=ast.Not()):
            yield "not left out"
        case ast.If(test=test) | ast.IfExp(test=test) if not _is_turned_already(test):
            yield "condition turned round"
        case ast.comprehension(ifs=[_]):
            yield "filter left out"
        case ast.BinOp(op=op) if type(op) in COUNTED:
            yield "counted otherwise"
        case ast.Constant(value=bool()):
            yield "true for false"
        case ast.Constant(value=int()):
            yield "one more"
        case ast.Raise():
            yield "not refused"
        case ast.Expr(value=ast.Call()):
            yield "call left out"
        case ast.Tuple(elts=[_, _, *_], ctx=ast.Load()) | ast.Set(elts=[_, _, *_]):
            yield "an element left out"


def _is_turned_already(test: ast.expr) -> bool:
    """Whether the change of the condition itself says the same."""
    match test:
        case ast.UnaryOp(op=ast.Not()):
            return True
        case ast.Compare(ops=[op]):
            return isinstance(op, NEGATED)
    return False


def _turn(node: ast.If | ast.IfExp) -> None:
    node.test = ast.UnaryOp(op=ast.Not(), operand=node.test)


def _become(node: ast.AST, other: ast.AST) -> None:
    """Put another node into the place of this one."""
    node.__class__ = other.__class__  # type: ignore[assignment]
    node.__dict__ = other.__dict__ | {key: node.__dict__[key] for key in ("lineno", "col_offset")}


def _otherwise(node: ast.BoolOp) -> None:
    node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()


CHANGES = {
    "compared otherwise": lambda node: setattr(node, "ops", [COMPARED[type(node.ops[0])]()]),
    "and for or": _otherwise,
    "not left out": lambda node: _become(node, node.operand),
    "condition turned round": _turn,
    "filter left out": lambda node: setattr(node, "ifs", []),
    "counted otherwise": lambda node: setattr(node, "op", COUNTED[type(node.op)]()),
    "true for false": lambda node: setattr(node, "value", not node.value),
    "one more": lambda node: setattr(node, "value", node.value + 1),
    "not refused": lambda node: _become(node, ast.Pass()),
    "call left out": lambda node: _become(node, ast.Pass()),
    "an element left out": lambda node: node.elts.pop(),
}
