"""What a call gives for the parameters of a function."""

from __future__ import annotations

import ast

import pytest

from confkit.envreads.values import NOTHING, arguments, decorated, last_name
from tests.envreads.test_following import expression, scope_of


@pytest.mark.parametrize(
    ("call", "given"),
    [
        ("f(1, 2)", {"a": "1", "b": "2"}),
        ("f(1)", {"a": "1", "b": "5"}),
        ("f(b=1, a=2)", {"a": "2", "b": "1"}),
        ("f(1, 2, 3, 4)", {"a": "1", "b": "2", "c": "(3, 4)"}),
        ("f(*x)", {"a": "None", "b": "5"}),
    ],
)
def test_arguments(call, given):
    scope = scope_of("def f(a, b=5, *c): pass")
    function = scope.inner(scope.bound["f"][0].node)
    made = arguments(expression(call), scope, function, NOTHING)
    found = {name: ast.unparse(value.node) for (_, name), value in made.items()}
    assert found == {"c": "None", **given}


@pytest.mark.parametrize("call", ["x.f(1)", "C.f(self, 1)", "C.g(1)"])
def test_self_is_no_argument(call):
    scope = scope_of("class C:\n    def f(self, a): pass\n    @staticmethod\n    def g(a): pass")
    class_ = scope.inner(scope.bound["C"][0].node)
    method = class_.inner(class_.bound[call.split(".")[1][0]][0].node)
    made = arguments(expression(call), scope, method, NOTHING)
    assert ast.unparse(made[method, "a"].node) == "1"


def test_names_of_decorators():
    (function,) = ast.parse("@a.property\n@b(1)\ndef f(): pass").body
    assert decorated(function, "property")
    assert not decorated(function, "staticmethod")
    assert last_name(expression("a.b.c")) == "c"
    assert last_name(expression("a()")) == ""
