"""The plugin as a whole: what it loads, and who it lives with."""

from __future__ import annotations

import subprocess
import sys

import pytest

#: 500 tests that use all of it.
ALL = """
@pytest.fixture(scope="module", autouse=True)
def wide(override_flags):
    override_flags({"theme": "dark"})

@pytest.mark.parametrize("number", range(60))
class TestAll:
    @pytest.mark.override_config({"port": 9}, layer="env")
    @pytest.mark.override_flags({"new-checkout": True})
    def test_markers(self, number):
        assert config.current.port == 9 and flags.enabled("new-checkout")

    def test_calls(self, number, override_config, override_flags, override_env, flags_seen):
        override_config({"port": number + 1})
        override_flags({"new-checkout": True}, where={"user_id": str(number)})
        override_env(SHOP_N=str(number))
        assert flags.enabled("new-checkout", number) and not flags.enabled("new-checkout", "x")
        flags_seen.assert_evaluated("new-checkout", times=2)
        assert config.current.port == number + 1

    def test_nothing(self, number):
        assert config.current.port == 80 and not flags.enabled("new-checkout", str(number))
        assert flags.variant("theme") == "dark" and "SHOP_N" not in os.environ

    @pytest.mark.flag_matrix(["new-checkout", "b"])
    def test_matrix(self, number):
        assert isinstance(flags.enabled("new-checkout"), bool)

    def test_redis(self, number, fake_redis):
        import redis
        assert redis.Redis("cache.invalid").incr("a") == 1

@pytest.mark.parametrize("number", range(20))
def test_clock_and_secrets(number, confkit_clock, override_secrets, isolated_config):
    override_secrets({"db": f"from-memory-{number}"})
    before = confkit_clock.now
    confkit_clock.shift(days=1)
    assert (confkit_clock.now - before).days == 1
    assert isolated_config(Shop)[0].current.port == 80

def test_a_failure():
    assert flags.enabled("new-checkout")

def test_a_leak():
    flags.override({"new-checkout": True}).apply()
"""
EXPECTED = {"passed": 60 * 8 + 20 + 1, "failed": 1, "errors": 1}


@pytest.mark.parametrize(
    ("load", "options"),
    [
        ((), ()),
        ((), ("--confkit-leaks=all",)),
        (("randomly",), ()),
        (("xdist",), ("-n2",)),
        (("xdist", "randomly"), ("-n2",)),
    ],
    ids=["in order", "leaks=all", "shuffled", "two processes", "two processes, shuffled"],
)
def test_the_same_result_in_any_order(run, load, options):
    result = run(ALL, "-q", *options, load=load, process=True)
    result.assert_outcomes(**EXPECTED)
    assert "override of new-checkout, set for test_it.py::test_a_leak" in result.stdout.str()


def test_it_loads_nothing_but_the_standard_library_and_pytest(pytester):
    pytester.makepyfile("""
import sys
def test_a():
    ours = {m for m in sys.modules if m.partition(".")[0] in ("confkit", "redis", "boto3", "yaml")}
    assert not ours
""")
    pytester.runpytest_subprocess().assert_outcomes(passed=1)


def test_loading_the_plugin_does_not_import_confkit():
    code = "import sys, pytest_confkit.plugin; print([m for m in sys.modules if m == 'confkit'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_it_is_registered_by_its_entry_point(pytester, monkeypatch):
    monkeypatch.delenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD")
    pytester.makeini("[pytest]\n")
    result = pytester.runpytest_subprocess("--markers", "-p", "no:asyncio", "-p", "no:django")
    result.stdout.fnmatch_lines(["@pytest.mark.override_config(*", "@pytest.mark.flag_matrix(*"])


@pytest.mark.parametrize(
    "strict",
    [
        pytest.param(
            "strict = true",
            marks=pytest.mark.skipif(pytest.version_tuple < (9,), reason="new in pytest 9"),
        ),
        "addopts = --strict-markers",
    ],
)
def test_with_strict_settings(pytester, run, strict):
    pytester.makeini("[pytest]\n" + strict + "\nfilterwarnings = error\n")
    run(
        """
@pytest.mark.override_config({"port": 1})
@pytest.mark.flag_matrix(["new-checkout", "b"], strategy="pairwise")
@pytest.mark.confkit_network("localhost")
def test_a(override_flags):
    pass
""",
        "-p",
        "pytest_confkit.plugin",
        process=True,
    ).assert_outcomes(passed=4)


def test_pytest_asyncio(run):
    run(
        """
import pytest_asyncio

@pytest_asyncio.fixture
async def port(override_config):
    override_config({"port": 7})
    yield config.current.port

@pytest.mark.asyncio
@pytest.mark.override_flags({"new-checkout": True})
async def test_a(port, override_config):
    assert port == 7 and flags.enabled("new-checkout")
    override_config({"port": 8})
    assert config.current.port == 8

@pytest.mark.asyncio
async def test_b():
    assert config.current.port == 80 and not flags.enabled("new-checkout")
""",
        "-o",
        "asyncio_default_fixture_loop_scope=function",
        load=("asyncio",),
    ).assert_outcomes(passed=2)


def test_pytest_django(pytester, run):
    pytester.syspathinsert()
    names = "SECRET_KEY = 'x'\nINSTALLED_APPS = []\nUSE_TZ = True\nPORT = 1\n"
    pytester.makepyfile(site_settings=names)
    run(
        """
@pytest.mark.override_config({"port": 7})
def test_a(settings):
    settings.PORT = config.current.port
    from django.conf import settings as live
    assert live.PORT == 7

def test_b(settings):
    assert settings.PORT == 1 and config.current.port == 80
""",
        "--ds=site_settings",
        load=("django",),
    ).assert_outcomes(passed=2)


@pytest.mark.skipif(pytest.version_tuple < (9,), reason="subtests came with pytest 9")
def test_subtests(run):
    run("""
def test_a(override_config, subtests):
    for port in (1, 2):
        with subtests.test(port=port), override_config({"port": port}):
            assert config.current.port == port
    assert config.current.port == 80
""").assert_outcomes(passed=1)


def test_explain_shows_where_a_setting_comes_from(pytester, monkeypatch):
    pytester.makepyfile(
        shop_settings="from dataclasses import dataclass\n"
        "@dataclass(frozen=True)\nclass Settings:\n    port: int = 80\n"
    )
    pytester.path.joinpath("pyproject.toml").write_text(
        '[tool.confkit]\nsettings = "shop_settings:Settings"\n'
    )
    monkeypatch.setenv("PORT", "81")
    result = pytester.runpytest_subprocess("--confkit-explain=port")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["port = 81", "*env PORT*"])
    assert pytester.runpytest_subprocess("--confkit-explain=prt").ret != 0
