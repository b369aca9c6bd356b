"""Moving confkit's clocks."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from confkit import Flag, Flags, MemoryStore, clocks
from confkit.testing import moved_clock
from tests.flags.doubles import Distant

DAY = 86_400


def test_it_moves_and_goes_back():
    with moved_clock() as clock:
        clock.shift(days=1)
        assert abs(clocks.time() - time.time() - DAY) < 5
        clock.shift(-3600)
        clock.shift(timedelta(hours=1))
        assert abs(clock.now.timestamp() - time.time() - DAY) < 5
        with moved_clock() as inner:
            inner.shift(DAY)
        assert abs(clocks.time() - time.time() - DAY) < 5
    assert clocks.moved() == 0


@pytest.mark.parametrize(
    "when", ["2030-01-01T00:00:00Z", datetime(2030, 1, 1, tzinfo=UTC), "2030-01-01T02:00+02:00"]
)
def test_travel(when):
    with moved_clock() as clock:
        clock.travel(when)
        assert clock.now.date().isoformat() == "2030-01-01"


def test_a_time_without_a_zone_is_refused():
    with moved_clock() as clock, pytest.raises(ValueError, match="time zone"):
        clock.travel("2030-01-01T00:00:00")


def test_it_moves_inside_its_block_only():
    clock = moved_clock()
    with pytest.raises(RuntimeError):
        clock.shift(1)
    with clock:
        pass
    with pytest.raises(RuntimeError):
        clock.travel("2030-01-01T00:00:00Z")


def test_steps_of_a_schedule_come():
    steps = [{"at": "2030-01-01T00:00:00Z", "percentage": 100}]
    rule = {"enabled": True, "percentage": 0, "schedule": steps}
    with Flags(MemoryStore({"a": rule})) as flags, moved_clock() as clock:
        clock.travel("2029-12-31T23:59:59Z")
        assert not flags.enabled("a", "42")
        clock.shift(seconds=1)
        assert flags.enabled("a", "42")


def test_staleness_is_seen_at_once():
    store = Distant({"a": {"enabled": True}})
    declared = [Flag("a", default=False, max_stale=60, on_stale="default")]
    with Flags(store, declared, background=False) as flags, moved_clock() as clock:
        assert flags.enabled("a")
        clock.shift(minutes=2)
        assert not flags.enabled("a")
