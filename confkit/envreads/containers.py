"""What is in a container that is written in source: a list, a mapping, what a loop takes of it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from confkit.envreads.scopes import ITEM, Scope, Step
from confkit.envreads.texts import texts
from confkit.envreads.values import Follower, Given, Value, last_name

_SAME = frozenset({"list", "tuple", "set", "frozenset", "sorted", "reversed", "iter", "dict"})


def step(follower: Follower, value: Value, step_: Step) -> list[Value]:
    """What is in a container: every item, every value of a mapping, or one item."""
    node, scope, given = value
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        if isinstance(step_, int):
            plain = not any(isinstance(one, ast.Starred) for one in node.elts)
            chosen = node.elts[step_ : step_ + 1] if plain and step_ >= 0 else []
        else:
            chosen = node.elts if step_ == ITEM else []
        made = []
        for one in chosen:
            if isinstance(one, ast.Starred):
                for inner in follower.values(one.value, scope, given):
                    made += step(follower, inner, ITEM)
            else:
                made += follower.values(one, scope, given)
        return made
    if isinstance(node, ast.Dict) and not isinstance(step_, int):
        made = []
        for key, content in zip(node.keys, node.values, strict=True):
            if key is None:
                for inner in follower.values(content, scope, given):
                    made += step(follower, inner, step_)
            else:
                made += follower.values(key if step_ == ITEM else content, scope, given)
        return made
    if isinstance(node, ast.ClassDef) and any(last_name(b).endswith("Enum") for b in node.bases):
        class_ = scope.inner(node)
        members = [b for found in class_.bound.values() for b in found if not b.path]
        return [
            value
            for member in members
            if isinstance(member.node, ast.expr) and member.scope is class_
            for value in follower.values(member.node, class_)
        ]
    return []


def at(
    follower: Follower, value: Value, index: ast.expr, scope: Scope, given: Given
) -> Iterator[Value]:
    """``value[index]``: what is there, or everything where the index is not known."""
    node = value.node
    if isinstance(node, ast.Dict):
        wanted = texts(follower, index, scope, given)
        for key, content in zip(node.keys, node.values, strict=True):
            if key is None:
                for inner in follower.values(content, value.scope, value.given):
                    yield from at(follower, inner, index, scope, given)
            elif not wanted or texts(follower, key, value.scope, value.given) & wanted:
                yield from follower.values(content, value.scope, value.given)
    elif isinstance(node, ast.Tuple | ast.List):
        place = index.value if isinstance(index, ast.Constant) else None
        yield from step(follower, value, place if isinstance(place, int) else ITEM)


def builtin(
    follower: Follower, name: str, node: ast.Call, scope: Scope, given: Given
) -> Iterator[Value]:
    """What a function that is built in makes of containers: ``list``, ``zip``, ``enumerate``."""
    if name == "dict" and node.keywords:
        keys: list[ast.expr | None] = [
            None if k.arg is None else ast.Constant(k.arg) for k in node.keywords
        ]
        yield Value(ast.Dict(keys, [k.value for k in node.keywords]), scope, given)
    if name in _SAME and node.args:
        yield from follower.values(node.args[0], scope, given)
    elif name == "enumerate" and node.args:
        for item in _items(follower, node.args[0], scope, given):
            yield _listed(_pair(Value(ast.Constant(0), scope), item, scope), scope)
    elif name == "zip" and len(node.args) == 2:
        left, right = (_items(follower, argument, scope, given) for argument in node.args)
        for one, other in zip(left, right, strict=False):
            yield _listed(_pair(one, other, scope), scope)


def content(
    follower: Follower, function: ast.Attribute, node: ast.Call, scope: Scope, given: Given
) -> list[Value] | None:
    """``d.get(k, default)``, ``d.items()`` and the like of a mapping that is written."""
    if function.attr not in ("get", "pop", "items", "keys", "values"):
        return None
    found = [v for v in follower.values(function.value, scope, given)
             if isinstance(v.node, ast.Dict)]  # fmt: skip
    if not found:
        return None
    made: list[Value] = []
    for value in found:
        if function.attr in ("get", "pop") and node.args:
            made += at(follower, value, node.args[0], scope, given)
        elif function.attr == "keys":
            made.append(value)
        elif function.attr == "values":
            assert isinstance(value.node, ast.Dict)
            values: list[ast.expr] = [v for _, v in _pairs(value.node)]
            made.append(Value(ast.List(values, ast.Load()), value.scope, value.given))
        elif function.attr == "items":
            assert isinstance(value.node, ast.Dict)
            rows: list[ast.expr] = [ast.Tuple([k, v], ast.Load()) for k, v in _pairs(value.node)]
            made.append(Value(ast.List(rows, ast.Load()), value.scope, value.given))
    if function.attr in ("get", "pop") and len(node.args) > 1:
        made += follower.values(node.args[1], scope, given)
    return made


def _items(follower: Follower, node: ast.expr, scope: Scope, given: Given) -> list[Value]:
    found = follower.values(node, scope, given)
    return [item for value in found for item in step(follower, value, ITEM)]


def _pairs(node: ast.Dict) -> Iterator[tuple[ast.expr, ast.expr]]:
    for key, value in zip(node.keys, node.values, strict=True):
        if key is not None:
            yield key, value


def _pair(left: Value, right: Value, scope: Scope) -> Value:
    """Two values as one tuple; each keeps a scope of its own."""
    holder = Scope(scope, None, parameters={"left": None, "right": None})
    both = ast.Tuple([ast.Name("left"), ast.Name("right")], ast.Load())
    return Value(both, holder, {(holder, "left"): left, (holder, "right"): right})


def _listed(value: Value, scope: Scope) -> Value:
    """A value as the only item of a list."""
    holder = Scope(scope, None, parameters={"one": None})
    only = ast.List([ast.Name("one")], ast.Load())
    return Value(only, holder, {(holder, "one"): value})
