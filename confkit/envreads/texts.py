"""The texts that an expression can be: written ones, and what is put together from them."""

from __future__ import annotations

import ast

from confkit.envreads.known import Known
from confkit.envreads.scopes import Scope
from confkit.envreads.values import NOTHING, Follower, Given, Value

#: The methods of a text that are followed.
METHODS = frozenset({"upper", "lower", "strip", "replace", "format", "join", "removeprefix"})
#: So many texts at most, and so many that are part of each other.
_TEXTS, _DEPTH = 400, 12


def texts(
    follower: Follower, node: ast.AST | Known, scope: Scope, given: Given = NOTHING
) -> set[str]:
    """The texts that an expression can be; none where there are too many."""
    made: set[str] = set()
    for value in follower.values(node, scope, given):
        key = (id(value.node), id(value.scope))
        if key in follower.making or len(made) > _TEXTS or len(follower.making) > _DEPTH:
            continue
        follower.making.add(key)
        try:
            made |= _made(follower, value)
        finally:
            follower.making.discard(key)
    return made if len(made) <= _TEXTS else set()


def _made(follower: Follower, value: Value) -> set[str]:
    node, scope, given = value
    if isinstance(node, ast.Constant):
        return {node.value} if isinstance(node.value, str) else set()
    if isinstance(node, ast.JoinedStr):
        parts = [p.value if isinstance(p, ast.FormattedValue) else p for p in node.values]
        return _joined(follower, parts, scope, given)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        parts = []
        left: ast.expr = node
        while isinstance(left, ast.BinOp) and isinstance(left.op, ast.Add):
            parts.append(left.right)
            left = left.left
        return _joined(follower, [left, *reversed(parts)], scope, given)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
        filled = node.right.elts if isinstance(node.right, ast.Tuple) else [node.right]
        return _filled(follower, node.left, "%s", filled, scope, given)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return _method(follower, node, node.func, scope, given)
    return set()


def _joined(follower: Follower, parts: list[ast.expr], scope: Scope, given: Given) -> set[str]:
    made = {""}
    for part in parts:
        ends = texts(follower, part, scope, given)
        if len(made) * len(ends) > _TEXTS:
            return set()
        made = {a + b for a in made for b in ends}
    return made


def _method(
    follower: Follower, node: ast.Call, function: ast.Attribute, scope: Scope, given: Given
) -> set[str]:
    if function.attr == "join" and len(node.args) == 1:
        lists = [v.node for v in follower.values(node.args[0], scope, given)]
        sets = [_spaced(follower, function.value, one.elts, scope, given) for one in lists
                if isinstance(one, ast.List | ast.Tuple)]  # fmt: skip
        return set().union(*sets)
    if function.attr == "format":
        return _filled(follower, function.value, "{}", node.args, scope, given)
    words = [texts(follower, one, scope, given) for one in node.args]
    if any(len(one) != 1 for one in words):
        return set()
    plain = [next(iter(one)) for one in words]
    try:
        return {
            getattr(t, function.attr)(*plain) for t in texts(follower, function.value, scope, given)
        }
    except (TypeError, ValueError):  # arguments that the method does not take
        return set()


def _spaced(
    follower: Follower, between: ast.expr, parts: list[ast.expr], scope: Scope, given: Given
) -> set[str]:
    spaced = [one for part in parts for one in (between, part)][1:]
    return _joined(follower, spaced, scope, given) if spaced else set()


def _filled(
    follower: Follower, form: ast.expr, mark: str, parts: list[ast.expr], scope: Scope, given: Given
) -> set[str]:
    made: set[str] = set()
    for text in texts(follower, form, scope, given):
        pieces = text.split(mark)
        if len(pieces) == len(parts) + 1 and not any("%" in p or "{" in p for p in pieces):
            woven: list[ast.expr] = [ast.Constant(pieces[0])]
            for part, piece in zip(parts, pieces[1:], strict=True):
                woven += [part, ast.Constant(piece)]
            made |= _joined(follower, woven, scope, given)
    return made
