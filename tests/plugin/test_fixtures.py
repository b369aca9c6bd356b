"""The fixtures: what they set holds until their owner is finished."""

from __future__ import annotations

import pytest


def test_until_the_test_is_over(run):
    run("""
def test_a(override_config, override_flags, override_env):
    override_config({"port": 1})
    override_flags({"new-checkout": True, "theme": "dark"})
    override_env(SHOP_X="1", HOME=None)
    assert config.current.port == 1
    assert flags.enabled("new-checkout") and flags.variant("theme") == "dark"
    assert os.environ["SHOP_X"] == "1" and "HOME" not in os.environ

def test_b():
    assert config.current.port == 80
    assert not flags.enabled("new-checkout")
    assert "SHOP_X" not in os.environ and "HOME" in os.environ
""").assert_outcomes(passed=2)


def test_as_context_managers_until_the_block_ends(run):
    run("""
def test_a(override_config, override_flags):
    with override_config({"port": 1}), override_flags({"new-checkout": True}):
        assert config.current.port == 1 and flags.enabled("new-checkout")
    assert config.current.port == 80 and not flags.enabled("new-checkout")

def test_removed_by_hand(override_config):
    change = override_config({"port": 1})
    change.remove()
    assert config.current.port == 80
""").assert_outcomes(passed=2)


def test_the_origin_is_the_line_of_the_call(run):
    run("""
def test_a(override_config):
    override_config({"port": 1})
    origin = str(config.explain("port").origin)
    assert origin.startswith("override at ") and "test_it.py:" in origin
""").assert_outcomes(passed=1)


@pytest.mark.parametrize("scope", ["class", "module", "package", "session"])
def test_in_a_fixture_of_any_scope_until_that_is_finished(run, scope):
    run(f"""
@pytest.fixture(scope="{scope}")
def small(override_config):
    override_config({{"port": 1}})

class TestIt:
    def test_a(self, small):
        assert config.current.port == 1
    def test_b(self):
        assert config.current.port == 1

def test_after():
    assert config.current.port == {80 if scope == "class" else 1}
""").assert_outcomes(passed=3)


def test_the_nearest_wins_even_where_the_farther_is_set_up_later(run):
    run("""
@pytest.fixture(scope="session")
def far(override_flags, override_config):
    override_flags({"new-checkout": False})
    override_config({"port": 1})

@pytest.mark.override_flags({"new-checkout": True})
@pytest.mark.override_config({"port": 2})
def test_marker_over_fixture(far):
    assert flags.enabled("new-checkout") and config.current.port == 2

def test_call_over_fixture(request, override_config):
    override_config({"port": 3})
    request.getfixturevalue("far")
    assert config.current.port == 3

def test_fixture(far):
    assert config.current.port == 1
""").assert_outcomes(passed=3)


def test_factories_for_wider_scopes(run):
    run("""
from pytest_confkit import override_config, override_env, override_flags
module_port = override_config({"port": 7}, scope="module", autouse=True)
class_flags = override_flags({"new-checkout": True}, scope="class")
session_env = override_env(SHOP_Y="1", scope="session", autouse=True)

def test_a():
    assert config.current.port == 7 and os.environ["SHOP_Y"] == "1"

@pytest.mark.usefixtures("class_flags")
class TestIt:
    def test_b(self):
        assert flags.enabled("new-checkout")
    @pytest.mark.override_flags({"new-checkout": False})
    def test_c(self):
        assert not flags.enabled("new-checkout")

def test_d():
    assert not flags.enabled("new-checkout")
""").assert_outcomes(passed=4)


def test_a_factory_without_a_scope_is_refused():
    import pytest_confkit

    with pytest.raises(TypeError, match="scope"):
        pytest_confkit.override_flags({"a": True})


def test_hypothesis_rolls_back_every_example(run):
    run("""
from hypothesis import given, settings, strategies as st

@settings(max_examples=30, database=None, deadline=None)
@given(st.integers(1, 1000))
def test_a(override_config, override_flags, override_env, confkit_clock, flags_seen, port):
    assert config.current.port == 80
    assert not flags.enabled("new-checkout")
    assert "SHOP_X" not in os.environ
    assert abs(confkit_clock.now.timestamp() - __import__("time").time()) < 60
    flags_seen.assert_evaluated("new-checkout", times=1)
    override_config({"port": port})
    override_flags({"new-checkout": True})
    override_env(SHOP_X="1")
    confkit_clock.shift(days=1)
    assert config.current.port == port

def test_b():
    assert config.current.port == 80
""").assert_outcomes(passed=2)


def test_other_threads_and_coroutines_see_it(run):
    run("""
import asyncio, threading

def test_thread(override_config):
    override_config({"port": 1})
    seen = []
    thread = threading.Thread(target=lambda: seen.append(config.current.port))
    thread.start(); thread.join()
    assert seen == [1]

def test_coroutine(override_flags):
    async def ask():
        override_flags({"new-checkout": True})
        return await asyncio.to_thread(flags.enabled, "new-checkout")
    assert asyncio.run(ask())
""").assert_outcomes(passed=2)


def test_unittest_classes(run):
    run("""
import unittest

@pytest.mark.override_config({"port": 1})
class TestIt(unittest.TestCase):
    def test_a(self):
        self.assertEqual(config.current.port, 1)
    @pytest.mark.override_flags({"new-checkout": True})
    def test_b(self):
        self.assertTrue(flags.enabled("new-checkout"))

@confkit_testing.override_config({"port": 2})
class TestOther(unittest.TestCase):
    def test_a(self):
        self.assertEqual(config.current.port, 2)

class TestAfter(unittest.TestCase):
    def test_a(self):
        self.assertEqual(config.current.port, 80)
""").assert_outcomes(passed=4)


def test_the_clock(run):
    run("""
def test_a(confkit_clock):
    before = confkit_clock.now
    confkit_clock.shift(days=1)
    assert (confkit_clock.now - before).days == 1
    confkit_clock.travel("2030-01-01T00:00:00Z")
    assert confkit_clock.now.year == 2030

def test_b():
    from confkit import clocks
    assert clocks.moved() == 0
""").assert_outcomes(passed=2)


def test_what_was_seen_is_of_this_test(run):
    run("""
def test_a(flags_seen):
    flags.enabled("new-checkout", "42")
    flags_seen.assert_evaluated("new-checkout", times=1)

def test_b(flags_seen):
    flags_seen.assert_not_evaluated("new-checkout")
    flags.enabled("theme", "1")
    assert [d.name for d in flags_seen] == ["theme"]
""").assert_outcomes(passed=2)


def test_an_isolated_pair(run):
    run("""
@pytest.mark.override_config({"port": 1})
@pytest.mark.override_flags({"a": False})
def test_a(isolated_config):
    mine, own = isolated_config(Shop, {"name": "x"}, flags={"a": {"enabled": True}})
    assert (mine.current.port, mine.current.name) == (80, "x")
    assert own.enabled("a")
""").assert_outcomes(passed=1)


def test_what_a_test_cannot_set_fails_it_and_leaves_nothing(run):
    result = run("""
def test_key(override_config):
    override_config({"prt": 1})
def test_value(override_config):
    override_config({"port": "x"})
def test_flag(override_flags):
    override_flags({"new-chekout": True})
def test_variant(override_flags):
    override_flags({"theme": "drak"})
def test_layer(override_config):
    override_config({"port": 1}, layer="enviroment")
def test_variable(override_env):
    override_env(X=1)
def test_after():
    assert config.current.port == 80
""")
    result.assert_outcomes(passed=1, failed=6)
    result.stdout.fnmatch_lines(
        [
            "*did you mean port?",
            "*did you mean new-checkout?",
            "*no variant 'drak'*",
            "*no layer*enviroment*",
        ]
    )
