"""What is in containers that are written in source."""

from __future__ import annotations

import pytest

from confkit.envreads.containers import step
from confkit.envreads.following import Following
from confkit.envreads.scopes import ITEM, VALUES
from tests.envreads.test_following import expression, scope_of

SOURCE = "L = ['a', 'b']\nD = {'a': 'x', **{'b': 'y'}}\nE = {'n': ('p', 'q')}"


def in_it(text: str, what: str | int) -> list[str]:
    following, scope = Following(), scope_of(SOURCE)
    found = following.values(expression(text), scope)
    items = [item for value in found for item in step(following, value, what)]
    return sorted(t for item in items for t in following.texts(*item))


@pytest.mark.parametrize(
    ("text", "what", "texts"),
    [
        ("L", ITEM, ["a", "b"]), ("[*L, 'c']", ITEM, ["a", "b", "c"]), ("L", 0, ["a"]),
        ("L", 5, []), ("L", -1, []), ("[*L, 'c']", 0, []), ("D", ITEM, ["a", "b"]),
        ("D", VALUES, ["x", "y"]), ("D", 0, []), ("sorted(set(L))", ITEM, ["a", "b"]),
        ("D.keys()", ITEM, ["a", "b"]), ("E.values()", ITEM, []), ("E['n']", ITEM, ["p", "q"]),
        ("E.get('n')", 1, ["q"]), ("E[unknown]", 0, ["p"]), ("E['no']", ITEM, []),
        ("E.get('no', ('d',))", ITEM, ["d"]), ("'text'", ITEM, []),
        ("L + ['z']", ITEM, ["a", "b", "z"]),
        ("[x + '1' for x in L]", ITEM, ["a1", "b1"]), ("dict(k='v')", VALUES, ["v"]),
    ],
)  # fmt: skip
def test_what_is_in_a_container(text, what, texts):
    assert in_it(text, what) == texts


def test_rows_are_followed():
    assert in_it("E.items()", ITEM) == []
    following, scope = Following(), scope_of(SOURCE + "\nfor k, (p, q) in E.items():\n    pass")
    assert following.texts(expression("k"), scope) == {"n"}
    assert following.texts(expression("q"), scope) == {"q"}
