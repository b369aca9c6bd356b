"""The client: questions, changes, subscribers, and what it never does."""

from __future__ import annotations

from enum import Enum, StrEnum

from confkit.flags.client import Flags
from confkit.flags.rules.model import Flag
from confkit.flags.stores.memory import MemoryStore

ON, OFF = {"enabled": True}, {"enabled": False}
DAY = 86_400


class Names(StrEnum):
    CHECKOUT = "new-checkout"


class Members(Enum):
    CHECKOUT = Flag("new-checkout", default=True, owner="payments")


# Changes


# Subscribers


def test_subscribers_hear_of_what_differs(flags, caplog):
    heard, of_b = [], []
    undo = flags.subscribe(lambda change: heard.append(set(change.names)))
    flags.subscribe(lambda change: of_b.append(set(change.names)), "b")
    flags.subscribe(lambda change: 1 / 0)
    flags.set("a", enabled=True)
    flags.set("b", enabled=True)
    with flags.override({"a": False}):
        pass
    undo()
    flags.delete("b")
    assert heard == [{"a"}, {"b"}, {"a"}, {"a"}]
    assert of_b == [{"b"}, {"b"}]
    assert "ZeroDivisionError" in caplog.text


def test_a_subscriber_may_change_flags(flags):
    def follow(change):
        if not flags.enabled("b"):
            flags.set("b", enabled=True)

    flags.subscribe(follow, "a")
    flags.set("a", enabled=True)
    assert flags.enabled("b")


# Exposures


def test_exposures_are_told_once_each():
    told = []
    store = MemoryStore({"a": {"enabled": True, "percentage": 50}, "b": ON})
    with Flags(store, on_exposure=told.append, background=False) as flags:
        for _ in range(3):
            flags.enabled("a", "1")
            flags.enabled("b", "1")
            flags.decide("a", "2")
    assert [(d.name, d.unit) for d in told] == [("a", "1"), ("b", "1"), ("a", "2")]


def test_a_user_id_that_is_named_as_none_counts_in_both_questions():
    flags = Flags(MemoryStore({"a": {"enabled": True, "percentage": 99.999}}))
    assert flags.enabled("a", "1")
    assert not flags.decide("a", "1", user_id=None)
    assert not flags.enabled("a", "1", user_id=None)


def test_a_default_without_a_truth_value_raises_nothing():
    class Neither:
        def __bool__(self):
            raise ValueError("neither")

    assert not Flags(MemoryStore()).enabled("a", default=Neither())


def test_a_change_among_many_flags_leaves_no_gap_in_the_tables_that_are_copied():
    # Where something was deleted and put in again, a copy takes ten times as long.
    names = [f"f{number}" for number in range(20)]
    with Flags(MemoryStore({name: {"enabled": True} for name in names}), background=False) as flags:
        flags.set("f5", percentage=10)
        before = tables(flags)
        flags.set("f6", percentage=20)
        assert tables(flags) == before
        flags.set("f5", allow=["a"])
        assert set(flags._fast) == {*names} - {"f5"}
        flags.delete("f7")
        assert "f7" not in flags._table


def tables(flags):
    """The names in every table that is copied for a change, in their order."""
    belief = flags._sync.copy.belief
    found = (belief.flags, belief.since, flags.view.flags, flags._table, flags._fast)
    return [list(table) for table in found]
