"""What names are bound to."""

from __future__ import annotations

import ast

import pytest

from tests.envreads.test_following import scope_of


@pytest.mark.parametrize(
    ("source", "name", "count"),
    [
        ("a = 1", "a", 1), ("a = b = 1", "b", 1), ("a: int = 1", "a", 1), ("a: int", "a", 0),
        ("a, b = 1, 2", "b", 1), ("a, *b = x", "b", 0), ("a = 1\na = 2", "a", 2),
        ("for a in x: pass", "a", 1), ("with x as a: pass", "a", 1), ("(a := 1)", "a", 1),
        ("import a", "a", 1), ("import a.b", "a", 1), ("import a.b as c", "c", 1),
        ("from x import a as b", "b", 1), ("def a(): pass", "a", 1), ("class a: pass", "a", 1),
        ("def f():\n    a = 1", "a", 0), ("[a for a in x]", "a", 0),
        ("a = []\na.append(1)", "a", 2),
        ("a = {}\na['k'] = 1", "a", 2), ("a = []\na += [1]", "a", 2),
        ("a = 'x'\na += 'y'", "a", 1),
        ("a.append(1)", "a", 0),
    ],
)  # fmt: skip
def test_names_are_bound(source, name, count):
    assert len(scope_of(source).bound.get(name, ())) == count


def test_parameters_and_fields():
    scope = scope_of(
        "def f(a, /, b=1, *c, d=2, **e): pass\n"
        "@dataclass\nclass D:\n    x: int\n    y: int = 1\n"
        "@dataclass\nclass E:\n    x: int\n    def __init__(self): pass\n"
    )
    function = scope.inner(scope.bound["f"][0].node)
    assert list(function.parameters) == ["a", "b", "d", "c", "e"]
    assert function.rest == "c"
    assert list(scope.inner(scope.bound["D"][0].node).parameters) == ["x", "y"]
    assert list(scope.inner(scope.bound["E"][0].node).parameters) == []


def test_what_methods_give_self_is_the_classs():
    scope = scope_of("class C:\n    def f(self):\n        self.a = 1\n        b = 2")
    class_ = scope.inner(scope.bound["C"][0].node)
    assert sorted(class_.bound) == ["a", "f"]
    (bound,) = class_.bound["a"]
    assert isinstance(bound.scope.node, ast.FunctionDef)


def test_the_scope_of_a_function_is_always_the_same():
    scope = scope_of("def f(): pass")
    node = scope.bound["f"][0].node
    assert scope.inner(node) is scope.inner(node)
    assert scope.inner(node).root is scope
