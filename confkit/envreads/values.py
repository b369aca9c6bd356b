"""What stands for itself in source: a written text, a container, a function, a class."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import NamedTuple, Protocol

from confkit.envreads.known import Known
from confkit.envreads.scopes import Scope

Given = Mapping[tuple[Scope, str], "Value"]
#: Nothing is given by a call.
NOTHING: Given = {}


class Value(NamedTuple):
    """A node that stands for itself, the scope its names are of, and what calls have given."""

    node: ast.AST | Known
    scope: Scope
    given: Given = NOTHING


class Follower(Protocol):
    """Follows an expression to its values."""

    #: the texts that are being put together, so that none is part of itself
    making: set[tuple[int, int]]

    def values(self, node: ast.AST | Known, scope: Scope, given: Given = NOTHING) -> list[Value]:
        """Everything that an expression can be."""
        ...


def arguments(
    node: ast.Call, scope: Scope, called: Scope, given: Given
) -> dict[tuple[Scope, str], Value]:
    """What a call gives for each parameter; the default, or None, for those it leaves out."""
    names = list(called.parameters)
    method = called.parent is not None and called.parent.is_class and not static(called.node)
    own = bool(node.args) and isinstance(node.args[0], ast.Name) and node.args[0].id == "self"
    if method and names and not own:
        names = names[1:]
    placed: dict[str, ast.expr] = {}
    for place, argument in enumerate(node.args):
        if place >= len(names) or isinstance(argument, ast.Starred):
            break
        if names[place] == called.rest:
            placed[called.rest] = ast.Tuple(node.args[place:], ast.Load())
            break
        placed[names[place]] = argument
    placed.update((k.arg, k.value) for k in node.keywords if k.arg in called.parameters)
    made: dict[tuple[Scope, str], Value] = {}
    for name, default in called.parameters.items():
        if name in placed:
            made[called, name] = Value(placed[name], scope, given)
        else:
            left_out = ast.Constant(None) if default is None else default
            made[called, name] = Value(left_out, called.parent or called)
    return made


def static(node: ast.AST | None) -> bool:
    """Whether a function of a class takes no ``self``."""
    return isinstance(node, ast.Lambda) or decorated(node, "staticmethod")


def decorated(node: ast.AST | Known | None, *names: str) -> bool:
    """Whether a function has one of these decorators."""
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return False
    return any(last_name(one) in names for one in node.decorator_list)


def last_name(node: ast.AST) -> str:
    """``c`` of ``a.b.c``."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
