"""Flags forced, seen and bucketed in tests."""

from __future__ import annotations

import gc
import threading
from enum import Enum

import pytest

from confkit import Flag, Flags, InvalidFlag, MemoryStore, Reason, UnknownFlag
from confkit.testing import bucket, find_unit, override_flags, record_flags

RULES = {
    "new-checkout": {"enabled": True, "percentage": 25},
    "theme": {"enabled": True, "variants": {"dark": 50, "light": 50}},
    "salted": {"enabled": True, "percentage": 10, "salt": "pepper"},
    "off": {"enabled": False},
}


class Declared(Enum):
    CHECKOUT = Flag("new-checkout")


@pytest.fixture
def flags():
    with Flags(MemoryStore(RULES), [Flag("declared")]) as made:
        yield made


def test_forced_in_every_client(flags):
    with override_flags({"new-checkout": True, "theme": "dark", Declared.CHECKOUT: True}) as change:
        later = Flags(MemoryStore())
        assert flags.enabled("new-checkout")
        assert later.enabled("new-checkout")
        assert flags.variant("theme") == "dark"
        assert change.site in flags.decide("new-checkout").detail
    assert not flags.enabled("new-checkout")


def test_forced_in_one_client(flags):
    other = Flags(MemoryStore())
    with override_flags({"new-checkout": True}, flags=flags):
        assert flags.enabled("new-checkout")
        assert not other.enabled("new-checkout")


def test_forced_for_some(flags):
    with override_flags({"off": True}, where={"user_id": "42"}):
        assert flags.enabled("off", "42")
        assert not flags.enabled("off", "43")


@pytest.mark.parametrize("name", ["new-chekout", "declard"])
def test_a_slip_is_refused_when_it_is_applied(flags, name):
    change = override_flags({name: True})
    with pytest.raises(UnknownFlag, match="did you mean"):
        change.apply()
    assert not change.applied


def test_what_cannot_be_forced_is_refused_at_once():
    with pytest.raises(InvalidFlag):
        override_flags({"no name": True})
    with pytest.raises(TypeError):
        override_flags({"a": None})


def test_a_flag_that_nobody_knows_yet_may_be_forced(flags):
    with override_flags({"entirely-different": True}):
        assert flags.enabled("entirely-different")


def test_seen(flags):
    with record_flags() as seen:
        flags.enabled("off")
        thread = threading.Thread(target=lambda: flags.decide("new-checkout", "42"))
        thread.start()
        thread.join()
    flags.enabled("theme")
    assert [decision.name for decision in seen] == ["off", "new-checkout"]
    seen.assert_evaluated("off")
    seen.assert_evaluated("off", times=1, value=False)
    seen.assert_not_evaluated("theme")
    seen.assert_not_evaluated(Declared)


def test_what_was_not_seen_is_told_with_what_was(flags):
    with record_flags() as seen:
        flags.enabled("new-checkout", "42")
    with pytest.raises(AssertionError, match=r"theme .*\n.*new-checkout"):
        seen.assert_evaluated("theme")
    with pytest.raises(AssertionError, match=r"2 times, not 1:\n  new-checkout=off \(outside"):
        seen.assert_evaluated(Declared.CHECKOUT, times=2)
    with pytest.raises(AssertionError, match="as on"):
        seen.assert_evaluated("new-checkout", value=True)
    with pytest.raises(AssertionError, match="0 times"):
        seen.assert_not_evaluated("new-checkout")
    seen.clear()
    seen.assert_not_evaluated("new-checkout")


def test_bucket_is_that_of_the_decision(flags):
    for name in ("new-checkout", "salted"):
        assert bucket(name, "42", flags=flags) == flags.decide(name, "42").bucket
    assert bucket("new-checkout", 42) == bucket(Declared.CHECKOUT, "42")
    assert bucket("salted", "42", flags=flags) != bucket("nobody-knows", "42", flags=flags)


def test_find_unit(flags):
    with record_flags() as seen:
        on, off = (find_unit("new-checkout", on=state, flags=flags) for state in (True, False))
    assert not seen.decisions
    assert flags.decide("new-checkout", on).reason is Reason.IN_ROLLOUT
    assert flags.decide("new-checkout", off).reason is Reason.OUT_OF_ROLLOUT
    assert find_unit("new-checkout", pattern="{}@example.com").endswith("@example.com")
    with override_flags({"new-checkout": False}):
        assert find_unit("new-checkout") == on


def forgotten(rules):
    """A client that nobody has any more, and that Python did not collect yet."""
    Flags(MemoryStore(rules), background=False)


@pytest.fixture
def uncollected():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def test_what_an_earlier_test_made_misleads_no_later_one(uncollected, flags):
    for percentage in (0, 100):
        forgotten({"new-checkout": {"enabled": True, "percentage": percentage, "salt": "x"}})
        on, off = find_unit("new-checkout"), find_unit("new-checkout", on=False)
        assert (flags.enabled("new-checkout", on), flags.enabled("new-checkout", off)) == (1, 0)
        forgotten({"new-checkout": {"enabled": True, "percentage": percentage, "salt": "x"}})
        assert bucket("new-checkout", "42") == bucket("new-checkout", "42", flags=flags)
    forgotten({"theme": {"enabled": True, "variants": {"blue": 100}}})
    forgotten({"mine": {"enabled": True}})
    with override_flags({"theme": "dark", "mime": True}):
        assert flags.variant("theme") == "dark"


def test_clients_that_differ_are_told_apart_by_the_caller(flags):
    same = Flags(MemoryStore(RULES), background=False)
    assert find_unit("new-checkout") == find_unit("new-checkout", flags=same)
    other = Flags(MemoryStore({"new-checkout": {"enabled": False}}), background=False)
    for ask in (find_unit, lambda name: bucket(name, "42")):
        with pytest.raises(LookupError, match=r"2 clients .* say which one by flags="):
            ask("new-checkout")
    assert find_unit("new-checkout", on=False, flags=other) == "user-0"
    needing = {"salted": {**RULES["salted"], "prerequisites": {"off": True}}}
    first = Flags(MemoryStore({**needing, "off": {"enabled": False}}), background=False)
    second = Flags(MemoryStore({**needing, "off": {"enabled": True}}), background=False)
    with pytest.raises(LookupError, match="3 clients"):
        find_unit("salted")
    del first, second


def test_no_unit_is_told_with_a_reason(flags, monkeypatch):
    monkeypatch.setattr("confkit.testing.flags.UNITS", 10)
    with pytest.raises(LookupError, match="disabled"):
        find_unit("off")
    with pytest.raises(UnknownFlag):
        find_unit("nothing-like-it")
