"""The tables that questions are looked up in."""

from __future__ import annotations

from confkit.flags import Flags, MemoryStore
from confkit.flags.replica.table import differing, watched


def test_a_watched_answer_goes_the_long_way_and_is_the_same():
    with Flags(MemoryStore({"a": {"enabled": True}}), background=False) as flags:
        table = watched(flags.view.flags)
        assert (table["a"].constant, table["a"].prefix) == (None, None)
        assert table["a"].decide({}, table) == flags.decide("a")


def test_what_differs_is_what_was_changed_made_or_deleted():
    store = MemoryStore({"same": {"enabled": True}, "gone": {"enabled": True}})
    with Flags(store, background=False) as flags:
        old = flags.view
        flags.set("new", enabled=True)
        flags.delete("gone")
        assert differing(old, flags.view) == {"new", "gone"}
        assert differing(flags.view, flags.view) == frozenset()
