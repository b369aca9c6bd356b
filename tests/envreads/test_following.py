"""What names stand for: scopes as Python has them."""

from __future__ import annotations

import ast

import pytest

from confkit.envreads.following import Following
from confkit.envreads.known import GET, MAPPING
from confkit.envreads.scopes import Scope, bind


def scope_of(source: str) -> Scope:
    scope = Scope()
    bind(scope, ast.parse(source).body)
    return scope


def expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("os.environ", MAPPING), ("os.environ.get", GET), ("os.getenv", GET), ("e", MAPPING),
        ("dict(e)", MAPPING), ("copy.deepcopy(e)", MAPPING), ("x or e", MAPPING),
        ("{**e}", MAPPING), ("{'a': 1}", ""), ("unknown", ""), ("os.path", "module os.path"),
        ("e | {}", MAPPING), ("{k: v for k, v in e.items()}", MAPPING), ("given()", MAPPING),
    ],
)  # fmt: skip
def test_objects_are_followed(text, what):
    scope = scope_of("import os, copy\ne = os.environ\ndef given(): return e")
    assert Following().object_of(expression(text), scope) == what


def test_a_parameter_hides_a_name_outside():
    scope = scope_of("A = 'a'\ndef f(A): pass")
    (function,) = scope.bound["f"]
    following = Following()
    inner = scope.inner(function.node)
    assert following.texts(expression("A"), inner) == set()
    assert list(following.free) == [(inner, "A")]


def test_the_names_of_a_class_are_not_those_of_its_methods():
    scope = scope_of("class C:\n    A = 'a'\n    def f(self): pass")
    class_ = scope.inner(scope.bound["C"][0].node)
    method = class_.inner(class_.bound["f"][0].node)
    assert Following().texts(expression("A"), method) == set()
    assert Following().texts(expression("self.A"), method) == {"a"}
