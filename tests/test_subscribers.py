"""Who is told of changed flags, and of which."""

from __future__ import annotations

import logging

from confkit.flags.replica.view import FlagsChange
from confkit.flags.stores.port import Version
from confkit.subscribers import Subscribers

LOG = logging.getLogger("confkit.flags")
NOW = Version("a", 1)


def change(*names: str) -> FlagsChange:
    return FlagsChange(frozenset(names), NOW)


def tell(subscribers: Subscribers[FlagsChange], *names: str) -> None:
    subscribers.tell(frozenset(names), lambda found: FlagsChange(found, NOW))


def test_each_hears_of_what_it_asked_for():
    told: dict[str, list[FlagsChange]] = {"any": [], "one": []}
    subscribers = Subscribers(LOG)
    subscribers.add(told["any"].append, frozenset())
    subscribers.add(told["one"].append, frozenset({"a", "x"}))
    tell(subscribers, "a", "b")
    tell(subscribers, "b")
    assert told == {"any": [change("a", "b"), change("b")], "one": [change("a")]}


def test_who_was_taken_away_hears_no_more_and_may_be_taken_away_twice():
    told: list[FlagsChange] = []
    subscribers = Subscribers(LOG)
    undo = subscribers.add(told.append, frozenset())
    undo()
    undo()
    tell(subscribers, "a")
    assert told == []


def test_one_that_raises_keeps_the_change_from_no_other(caplog):
    def fails(_: FlagsChange) -> None:
        raise RuntimeError

    told: list[FlagsChange] = []
    subscribers = Subscribers(LOG)
    subscribers.add(fails, frozenset())
    subscribers.add(told.append, frozenset())
    with caplog.at_level(logging.ERROR, "confkit.flags"):
        tell(subscribers, "a")
    assert told == [change("a")]
    assert "a subscriber failed" in caplog.text
