"""Forcing flags for a while."""

from __future__ import annotations

import asyncio

import pytest

from confkit.errors import InvalidFlag, UnknownFlag
from confkit.flags.client import Flags
from confkit.flags.rules.decision import Reason
from confkit.flags.rules.model import Flag
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
    with pytest.raises(TypeError, match="True, False, the name of a variant"):
        flags.override({"a": [1]})


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


# Values


def test_a_forced_variant_gives_its_value_and_a_forced_value_itself(flags):
    flags.set(
        "theme",
        enabled=True,
        variants={"dark": 50, "light": 50},
        values={"dark": {"c": 1}, "light": {"c": 2}, "plain": {"c": 0}},
        off_variant="plain",
    )
    with flags.override({"theme": "dark"}):
        assert flags.value("theme", "1", default={}) == {"c": 1}
        with flags.override({"theme": "light"}, where={"user_id": "2"}):
            assert flags.value("theme", "1", default={}) == {"c": 1}
            assert flags.value("theme", "2", default={}) == {"c": 2}
            with flags.override({"theme": False}):
                assert flags.value("theme", "2", default={}) == {"c": 0}
            with flags.override({"theme": True}):
                assert flags.value("theme", "2", default={"c": 7}) == {"c": 7}
    with flags.override({"theme": {"c": 9}}) as override:
        assert flags.value("theme", "1", default={}) == {"c": 9}
        flags.value("theme", "1", default={})["c"] = 10
        assert flags.decide("theme", "1").payload == {"c": 9}
        assert "{'c': 9}" in repr(override)


def test_a_forced_value_is_of_the_kind_that_the_flag_gives(flags):
    flags.set("theme", enabled=True, variants={"a": 100}, values={"a": "x"})
    flags.set("plain", enabled=True)
    for name, value, text in (
        ("theme", 3, "gives text"), ("theme", {"c": 1}, "gives text"), ("plain", 3, "on or off"),
        ("theme", "b", "no variant 'b'"),
    ):  # fmt: skip
        with pytest.raises(InvalidFlag, match=text):
            flags.override({name: value})
    with flags.override({"unknown-to-all": 2.5}):
        assert flags.value("unknown-to-all", default=1.0) == 2.5
        assert flags.enabled("unknown-to-all")
