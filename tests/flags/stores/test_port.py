"""The port of the stores: what every store of this process shares."""

from __future__ import annotations

from datetime import datetime

import pytest

from confkit.errors import FlagConflict
from confkit.flags.stores.memory import MemoryStore
from confkit.flags.stores.port import (
    Announcing,
    Hinting,
    Revision,
    Store,
    Version,
    check_expected,
    copied,
    timestamp,
)


@pytest.mark.parametrize(("expect", "current"), [(None, 0), (None, 7), (0, 0), (7, 7)])
def test_a_write_decided_on_what_is_there_may_pass(expect, current):
    check_expected("a", expect, current)


@pytest.mark.parametrize(("expect", "current"), [(0, 7), (7, 0), (6, 7)])
def test_a_write_decided_on_something_else_is_a_conflict(expect, current):
    with pytest.raises(FlagConflict, match="'a'"):
        check_expected("a", expect, current)


def test_times_are_utc_and_sort_as_text():
    one, other = timestamp(), timestamp()
    assert one <= other
    assert datetime.fromisoformat(one).utcoffset().total_seconds() == 0


def test_a_copied_revision_shares_no_document():
    made = Revision("a", 1, Version("e", 1), timestamp(), "ann", "", None, {"allow": ["1"]})
    copy = copied(made)
    assert copy == made
    copy.new["allow"].append("2")
    assert made.new == {"allow": ["1"]}


def test_the_memory_store_calls_back_and_does_not_hint():
    store = MemoryStore()
    assert isinstance(store, Store)
    assert isinstance(store, Announcing)
    assert not isinstance(store, Hinting)
