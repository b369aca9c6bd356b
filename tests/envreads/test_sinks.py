"""Reads that parameters decide are noted once for each function."""

from __future__ import annotations

from confkit.envreads.sinks import Sink, called, register
from confkit.envreads.values import Value
from tests.envreads.test_following import expression, scope_of


def test_a_sink_is_noted_once_for_each_function():
    scope = scope_of("def f(a): pass\nclass C:\n    def __init__(self, a): pass")
    function = scope.inner(scope.bound["f"][0].node)
    class_ = scope.inner(scope.bound["C"][0].node)
    maker = class_.inner(class_.bound["__init__"][0].node)
    sinks = {}
    for _ in range(2):
        sink = Sink(Value(expression("a"), function), None, ("x.py", 1, 1), "")
        register(sinks, sink, [(function, "a"), (function, "b"), (maker, "a")])
    assert {called(scope): len(found) for scope, found in sinks.items()} == {"f": 1, "C": 1}
    assert [sink.how for found in sinks.values() for sink in found] == ["f", "C"]
