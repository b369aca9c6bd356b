"""Leaks: what outlives its owner is named with its line, and undone."""

from __future__ import annotations

import itertools

import pytest

from tests.plugin.conftest import line_of

#: Ways to leave something behind: each line is one leak.
WAYS = {
    "flags.override": 'flags.override({"new-checkout": True}).apply()',
    "flags.override variant": 'flags.override({"theme": "dark"}).apply()',
    "flags.override where": 'flags.override({"theme": True}, where={"user_id": "1"}).apply()',
    "config.override": 'KEPT.append(config.override({"port": 1})); KEPT[-1].__enter__()',
    "override_config": 'confkit_testing.override_config({"port": 1}).apply()',
    "override_config layer": 'confkit_testing.override_config({"port": 1}, layer="env").apply()',
    "override_config text": 'confkit_testing.override_config("port: 1", layer="file").apply()',
    "override_config one": 'confkit_testing.override_config({"port": 1}, config=config).apply()',
    "override_flags": 'confkit_testing.override_flags({"new-checkout": True}).apply()',
    "override_env": 'confkit_testing.override_env(SHOP_X="1").apply()',
    "override_secrets": 'confkit_testing.override_secrets({"db": "from-memory"}).apply()',
    "moved_clock": "confkit_testing.moved_clock().apply()",
    "record_flags": "confkit_testing.record_flags().apply()",
    "fake_redis": "confkit_testing.fake_redis().apply()",
    "fake_aws": "confkit_testing.fake_aws().apply()",
}
#: Places to do it in: the body, and who is finished then.
PLACES = {
    "test": "def test_leak():\n    {way}\n",
    "fixture": "@pytest.fixture\ndef dirty():\n    {way}\n    yield\n\n"
    "def test_leak(dirty):\n    pass\n",
}
AFTER = """
def test_after():
    from confkit import overriding
    assert config.current.port == 80
    assert not flags.enabled("new-checkout", "1")
    assert flags.enabled("theme", "1")
    assert "SHOP_X" not in os.environ
"""


@pytest.mark.parametrize(("way", "place"), list(itertools.product(WAYS, PLACES)))
def test_each_leak_is_an_error_with_its_line_and_undone(run, way, place):
    body = "\nKEPT = []\n" + PLACES[place].format(way=WAYS[way]) + AFTER
    result = run(body)
    result.assert_outcomes(passed=2, errors=1)
    text = result.stdout.str()
    assert "ERROR at teardown of test_leak" in text
    assert f"test_it.py:{line_of(WAYS[way], body)}: " in text
    assert "set for test_it.py::test_leak" in text


@pytest.mark.parametrize("scope", ["class", "module", "package", "session"])
def test_a_fixture_of_a_wider_scope_is_named_when_it_is_finished(run, scope):
    result = run(f"""
@pytest.fixture(scope="{scope}")
def dirty():
    flags.override({{"new-checkout": True}}).apply()

class TestIt:
    def test_first(self, dirty):
        assert flags.enabled("new-checkout")
    def test_last(self, dirty):
        assert flags.enabled("new-checkout")
""")
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(
        ["*ERROR at teardown of TestIt.test_last*", f"*set for the {scope} fixture dirty*"]
    )


def test_xunit_setup_is_an_owner_too(run):
    result = run("""
class TestIt:
    def setup_class(self):
        flags.override({"new-checkout": True}).apply()
    def test_a(self):
        assert flags.enabled("new-checkout")
    def test_b(self):
        assert flags.enabled("new-checkout")

def test_after():
    assert not flags.enabled("new-checkout")
""")
    result.assert_outcomes(passed=3, errors=1)
    result.stdout.fnmatch_lines(["*ERROR at teardown of TestIt.test_b*", "*the class fixture*"])


def test_a_leak_of_the_same_key_under_a_wider_fixture_is_no_secret(run):
    result = run("""
@pytest.fixture(scope="module", autouse=True)
def wide(override_flags):
    override_flags({"new-checkout": True})

def test_leak():
    flags.override({"new-checkout": True}).apply()

def test_after():
    assert flags.enabled("new-checkout")
""")
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["*ERROR at teardown of test_leak*"])


def test_the_last_test_of_a_module_is_not_blamed_for_its_fixtures(run):
    run("""
@pytest.fixture(scope="module", autouse=True)
def wide():
    with flags.override({"new-checkout": True}):
        yield

def test_a():
    pass
""").assert_outcomes(passed=1)


LEAK = """
def test_leak():
    flags.override({"new-checkout": True}).apply()

def test_after():
    assert flags.enabled("new-checkout") is AFTER
"""


@pytest.mark.parametrize("mode", ["warn", "off", "error", "all"])
def test_modes(run, mode):
    after = "True" if mode == "off" else "False"
    warnings = ("-W", "default") if mode == "warn" else ()
    result = run(LEAK.replace("AFTER", after), f"--confkit-leaks={mode}", *warnings)
    # Old libraries have warnings of their own.
    result.assert_outcomes(passed=2, errors=int(mode in ("error", "all")))
    told = result.stdout.str().count("ConfkitLeak: confkit: 1 override left in force")
    assert told == int(mode == "warn")


def test_a_mode_that_is_none_is_refused(pytester):
    pytester.makeini("[pytest]\naddopts = -p pytest_confkit.plugin\nconfkit_leaks = loud\n")
    result = pytester.runpytest_inprocess()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*confkit_leaks = loud: it is one of*"])


ENVIRONMENT = """
def test_leak({fixture}):
    os.environ["SHOP_X"] = "1"
    del os.environ["SHOP_Y"]

def test_after():
    assert ("SHOP_X" in os.environ) is {left}
    assert ("SHOP_Y" in os.environ) is not {left}
"""


@pytest.mark.parametrize(
    ("fixture", "option", "found"),
    [("override_env", "error", 1), ("", "all", 1), ("", "error", 0)],
)
def test_the_environment_is_compared_where_a_test_asks_for_it(
    run, monkeypatch, fixture, option, found
):
    monkeypatch.setenv("SHOP_Y", "secret-value")
    body = ENVIRONMENT.format(fixture=fixture, left=not found)
    result = run(body, f"--confkit-leaks={option}")
    monkeypatch.delenv("SHOP_X", raising=False)
    result.assert_outcomes(passed=2, errors=found)
    if found:
        text = result.stdout.str()
        assert "SHOP_X" in text
        assert "SHOP_Y" in text
        assert "secret-value" not in text


def test_what_fixtures_do_to_the_environment_is_no_leak(run):
    run(
        """
@pytest.fixture(scope="module")
def wide():
    os.environ["SHOP_W"] = "1"
    yield
    del os.environ["SHOP_W"]

def test_a(override_env, monkeypatch, wide):
    monkeypatch.setenv("SHOP_M", "1")
    override_env(SHOP_O="1")

def test_b(override_env, wide):
    assert os.environ["SHOP_W"] == "1"
""",
        "--confkit-leaks=all",
    ).assert_outcomes(passed=2)


def test_a_teardown_that_fails_keeps_its_own_error_and_the_leak_is_undone(run):
    result = run("""
@pytest.fixture
def broken():
    yield
    raise KeyError("mine")

def test_leak(broken):
    flags.override({"new-checkout": True}).apply()

def test_after():
    assert not flags.enabled("new-checkout")
""")
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["*KeyError: 'mine'", "*1 override left in force*"])


def test_the_test_that_is_the_first_to_import_confkit(pytester):
    pytester.makepyfile("""
def test_leak():
    import confkit
    flags = confkit.Flags(confkit.MemoryStore(), background=False)
    flags.override({"a": True}).apply()
""")
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*override of a*"])


def test_a_thousand_clean_tests_raise_no_alarm(run):
    run("""
@pytest.fixture(scope="module", autouse=True)
def wide(override_flags):
    override_flags({"theme": "dark"})

@pytest.mark.override_config({"name": "marked"})
@pytest.mark.parametrize("number", range(1, 1001))
def test_clean(number, override_config, override_env, override_flags, confkit_clock):
    override_config({"port": number}, layer=("override", "env", "file")[number % 3])
    override_flags({"new-checkout": number % 2 == 0}, where={"user_id": str(number)})
    override_env(SHOP_X=str(number))
    if number % 10 == 0:
        confkit_clock.shift(hours=1)
    with config.override({"database.pool_size": 1}), flags.override({"other": True}):
        assert (config.current.port, config.current.name) == (number, "marked")
        assert flags.enabled("new-checkout", number) is (number % 2 == 0)
    assert os.environ["SHOP_X"] == str(number)
""").assert_outcomes(passed=1000)
