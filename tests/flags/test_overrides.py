"""Forcing flags for a while."""

from __future__ import annotations

import asyncio

import pytest

from confkit.errors import InvalidFlag, UnknownFlag
from confkit.flags.client import Flags
from confkit.flags.rules.model import Flag, Reason
from confkit.flags.stores.memory import MemoryStore

OFF = {"enabled": False}


@pytest.fixture
def flags():
    with Flags(MemoryStore({"a": OFF, "new-checkout": OFF})) as made:
        yield made


def test_an_override_wins_and_says_where_it_stands(flags):
    with flags.override({"a": True, Flag("b"): "blue"}):
        assert flags.enabled("a", "42")
        decision = flags.decide("a")
        assert decision.reason is Reason.FORCED
        assert "test_overrides.py:" in decision.detail
        assert flags.variant("b") == "blue"
    assert not flags.enabled("a")
    assert flags.overrides == ()


def test_overrides_are_removed_in_any_order(flags):
    first, second = flags.override({"a": True}).apply(), flags.override({"a": False}).apply()
    assert not flags.enabled("a")
    first.remove()
    assert not flags.enabled("a")
    third = flags.override({"a": True}).apply()
    second.remove()
    assert flags.enabled("a")
    third.remove()
    third.remove()
    assert flags.overrides == ()


def test_equal_overrides_are_not_the_same(flags):
    first, second = (flags.override({"a": True}).apply() for _ in range(2))
    first.remove()
    assert flags.enabled("a")
    second.remove()


def test_an_override_may_be_entered_again(flags):
    forced = flags.override({"a": True})
    with forced:
        with forced:
            pass
        assert flags.enabled("a")
    assert not flags.enabled("a")
    assert "override at" in repr(forced)


def test_an_override_decorates_functions_and_coroutines(flags):
    @flags.override({"a": True})
    def plain():
        return flags.enabled("a")

    @flags.override({"a": True})
    async def later():
        await asyncio.sleep(0)
        return flags.enabled("a")

    assert plain()
    assert asyncio.run(later())
    assert not flags.enabled("a")


def test_an_override_ends_with_an_exception(flags):
    with pytest.raises(ZeroDivisionError), flags.override({"a": True}):
        raise ZeroDivisionError
    assert not flags.enabled("a")


def test_an_override_satisfies_prerequisites(flags):
    flags.set("c", enabled=True, prerequisites=["a"])
    assert not flags.enabled("c")
    with flags.override({"a": True}):
        assert flags.enabled("c")


def test_an_override_outlives_a_refresh(flags):
    with flags.override({"a": True}):
        flags.set("a", enabled=False, owner="x")
        assert flags.enabled("a")


def test_what_cannot_be_forced(flags):
    with pytest.raises(UnknownFlag, match="did you mean new-checkout"):
        flags.override({"new-chekout": True})
    with pytest.raises(InvalidFlag):
        flags.override({"a b": True})
    with pytest.raises(TypeError, match="True, False or the name of a variant"):
        flags.override({"a": 1})


def test_a_variant_that_the_flag_does_not_have_is_refused():
    rule = {"enabled": True, "variants": {"green": 100}}
    with Flags(MemoryStore({"a": rule, "plain": {"enabled": True}})) as flags:
        with pytest.raises(InvalidFlag, match="no variant 'geren'") as caught:
            flags.override({"a": "geren"})
        assert "green" in str(caught.value.problems[0])
        with pytest.raises(InvalidFlag, match="no variant"):
            flags.override({"plain": "green"})
        with flags.override({"a": "green"}):
            assert flags.variant("a") == "green"


def test_an_override_for_some_satisfies_prerequisites_for_them_and_leaves_the_default(flags):
    flags.set("c", enabled=True, prerequisites=["a"])
    with flags.override({"a": True, "new": True}, where={"user_id": "42"}):
        assert flags.enabled("c", "42")
        assert not flags.enabled("c", "43")
        assert flags.enabled("new", "43", default=True)
