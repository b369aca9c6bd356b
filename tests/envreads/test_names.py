"""What names stand for: scopes as Python has them."""

from __future__ import annotations

import ast

import pytest

from confkit.envreads.names import GET, MAPPING, Scope, bind


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
    ],
)  # fmt: skip
def test_objects_are_followed(text, what):
    scope = scope_of("import os\ne = os.environ")
    assert scope.object_of(expression(text)) == what


@pytest.mark.parametrize(
    ("text", "texts"),
    [
        ("'x'", {"x"}), ("A", {"a"}), ("A + 'b'", {"ab"}), ("f'{A}_{B}'", {"a_b", "a_c"}),
        ("A if x else B", {"a", "b", "c"}), ("A + unknown", set()), ("5", set()),
    ],
)  # fmt: skip
def test_texts_are_followed(text, texts):
    scope = scope_of("A = 'a'\nif x:\n    B = 'b'\nelse:\n    B = 'c'")
    assert scope.texts_of(expression(text)) == texts


def test_a_parameter_hides_a_name_outside():
    scope = Scope(scope_of("A = 'a'"), parameters=("A",))
    assert scope.texts_of(expression("A")) == set()


def test_the_names_of_a_class_are_not_those_of_its_methods():
    outer = Scope(Scope(), is_class=True)
    bind(outer, ast.parse("A = 'a'").body)
    method = Scope(outer)
    assert method.texts_of(expression("A")) == set()
    assert method.texts_of(expression("self.A")) == {"a"}
