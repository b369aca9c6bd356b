"""Short questions about the expressions of a scope."""

from __future__ import annotations

from confkit.envreads.known import MAPPING
from confkit.envreads.look import Look
from tests.envreads.test_following import expression, scope_of


def test_questions():
    look = Look(scope_of("import os\nNAMES = ['A', 'B']\nA = 'x'"))
    assert look.object_of(expression("os.environ")) == MAPPING
    assert look.object_of(None) == ""
    assert look.texts_of(expression("A")) == {"x"}
    assert look.texts_of(None) == set()
    assert look.items_of(expression("NAMES")) == {"A", "B"}
    assert look.items_of(expression("A")) == set()
