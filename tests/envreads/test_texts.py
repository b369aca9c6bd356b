"""The texts that expressions can be."""

from __future__ import annotations

import pytest

from confkit.envreads.following import Following
from tests.envreads.test_following import expression, scope_of

SOURCE = "A = 'a'\nif x:\n    B = 'b'\nelse:\n    B = 'c'\nMANY = [str(n) for n in range(9)]"


@pytest.mark.parametrize(
    ("text", "texts"),
    [
        ("'x'", {"x"}), ("A", {"a"}), ("A + 'b'", {"ab"}), ("f'{A}_{B}'", {"a_b", "a_c"}),
        ("A if x else B", {"a", "b", "c"}), ("A + unknown", set()), ("5", set()),
        ("A.upper()", {"A"}), ("A.replace('a', 'z')", {"z"}), ("A.replace(unknown, 'z')", set()),
        ("A.replace('a', 'z', 'no')", set()), ("'%s_%s' % (A, B)", {"a_b", "a_c"}),
        ("'%d' % 5", set()), ("'{}-{}'.format(A, 'x')", {"a-x"}), ("'{x}'.format(x=1)", set()),
        ("'_'.join([A, B])", {"a_b", "a_c"}), ("'_'.join(unknown)", set()), ("b'x'", set()),
    ],
)  # fmt: skip
def test_texts_are_followed(text, texts):
    assert Following().texts(expression(text), scope_of(SOURCE)) == texts


def test_too_many_texts_are_none():
    many = ", ".join(f"'{n}'" for n in range(30))
    source = f"A = x[({many})] \nfor A in ({many}):\n    pass"
    assert len(Following().texts(expression("A"), scope_of(source))) == 30
    assert Following().texts(expression("A + A"), scope_of(source)) == set()
