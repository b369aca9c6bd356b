"""The limit on nesting, at its edge and far beyond it."""

from __future__ import annotations

import pytest

from confkit.nesting import MAX_DEPTH, too_deep


def nested(levels: int, kind: type) -> object:
    value: object = 1
    for _ in range(levels):
        value = [2, value] if kind is list else {"a": value, "b": 2}
    return value


@pytest.mark.parametrize("kind", [list, dict])
def test_the_limit_is_the_last_level_that_is_fine(kind):
    assert not too_deep(nested(0, kind))
    assert not too_deep(nested(MAX_DEPTH, kind))
    assert too_deep(nested(MAX_DEPTH + 1, kind))


def test_a_value_deeper_than_the_stack_is_too_deep():
    assert too_deep(nested(50_000, list))
