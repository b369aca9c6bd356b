"""The tables that questions are looked up in."""

from __future__ import annotations

from confkit.flags import Flags, MemoryStore
from confkit.flags.replica.table import watched


def test_a_watched_answer_goes_the_long_way_and_is_the_same():
    with Flags(MemoryStore({"a": {"enabled": True}}), background=False) as flags:
        table = watched(flags.view.flags)
        assert (table["a"].constant, table["a"].prefix) == (None, None)
        assert table["a"].decide({}, table) == flags.decide("a")
