"""Variables that no traceback with locals prints."""

from __future__ import annotations

import pytest

from confkit.unseen import Unseen


def test_it_is_the_mapping_behind_a_repr_that_shows_none_of_it():
    inner = {"A": "hunter2", "B": "b"}
    unseen = Unseen(inner)
    assert repr(unseen) == str(unseen) == "<2 variables>"
    assert unseen == inner
    assert dict(unseen) == inner
    assert (list(unseen), len(unseen), list(unseen.items())) == (["A", "B"], 2, list(inner.items()))
    assert "A" in unseen
    assert "hunter2" not in repr(unseen.keys())
    assert (unseen["A"], unseen.get("A"), unseen.get("C"), unseen.get("C", "d")) == (
        *("hunter2", "hunter2"),
        None,
        "d",
    )
    with pytest.raises(KeyError):
        unseen["C"]
