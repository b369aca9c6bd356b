"""Reads that the parameters of a function decide, so that its calls are what reads."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, replace

from confkit.envreads.scopes import Scope
from confkit.envreads.values import Value

#: How many calls there may be between a read and the name that it is given.
CALLS = 6
#: How many reads one function may stand for.
_MOST = 100


@dataclass(frozen=True, slots=True, eq=False)
class Sink:
    """A read whose name, or whose environment, a parameter decides: each call is a read.

    ``name`` is the expression of the name. ``mapping`` is set where the environment is given by a
    parameter too: only a call that gives ``os.environ`` reads. ``place`` is that of the read,
    and ``calls`` are those between it and the function that has the parameter.
    """

    name: Value
    mapping: Value | None
    place: tuple[str, int, int]
    how: str
    default: str = ""
    calls: tuple[int, ...] = ()


#: The sinks by the scope of the function, or of the class, whose parameters decide them.
Sinks = dict[Scope, list[Sink]]


def register(sinks: Sinks, sink: Sink, free: Iterable[tuple[Scope, str]]) -> None:
    """Note a sink for each function that has one of the parameters; each only once."""
    for scope in dict.fromkeys(scope for scope, _ in free):
        known = sinks.setdefault(scope, [])
        if len(known) < _MOST and _key(sink) not in map(_key, known):
            known.append(replace(sink, how=sink.how or called(scope)))


def _key(sink: Sink) -> tuple[object, ...]:
    """What makes two sinks of one function the same: the name, by way of the same calls."""
    return ast.unparse(sink.name.node), id(sink.name.scope), sink.calls, sink.mapping is None  # type: ignore[arg-type]


def called(scope: Scope) -> str:
    """The name that a function, or the class that it makes, is called by."""
    if isinstance(scope.node, ast.FunctionDef | ast.AsyncFunctionDef):
        if scope.node.name == "__init__" and scope.parent is not None:
            return called(scope.parent)
        return scope.node.name
    return scope.node.name if isinstance(scope.node, ast.ClassDef) else "lambda"
