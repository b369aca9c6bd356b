"""The tables that questions are looked up in."""

from __future__ import annotations

from confkit.flags import Flags, MemoryStore
from confkit.flags.replica.table import Unstarted, differing


def test_the_first_question_of_a_child_starts_the_threads():
    started = []
    table = Unstarted({"a": 1}, lambda: started.append(True))
    assert not started
    assert table.get("a") == 1
    assert table.get("b", 2) == 2
    assert started


def test_what_differs_is_what_was_changed_made_or_deleted():
    store = MemoryStore({"same": {"enabled": True}, "gone": {"enabled": True}})
    with Flags(store, background=False) as flags:
        old = flags.view
        flags.set("new", enabled=True)
        flags.delete("gone")
        assert differing(old, flags.view) == {"new", "gone"}
        assert differing(flags.view, flags.view) == frozenset()
