"""Markers: the same names and arguments, the nearest wins, a slip is an error at collection."""

from __future__ import annotations

import pytest

from tests.plugin.conftest import line_of


def test_on_function_class_and_module_the_nearest_wins(run):
    run("""
pytestmark = [pytest.mark.override_config({"port": 1, "name": "module"})]

def test_module():
    assert (config.current.port, config.current.name) == (1, "module")

@pytest.mark.override_config({"port": 3})
def test_function():
    assert (config.current.port, config.current.name) == (3, "module")

@pytest.mark.override_config({"port": 2})
class TestIt:
    def test_class(self):
        assert (config.current.port, config.current.name) == (2, "module")

    @pytest.mark.override_config({"port": 4})
    def test_function(self):
        assert config.current.port == 4

    @pytest.mark.override_config({"name": "inner"})
    class TestInner:
        def test_inner(self):
            assert (config.current.port, config.current.name) == (2, "inner")
""").assert_outcomes(passed=5)


def test_an_environment_for_a_test(run, pytester):
    for name, port in (("development", 1), ("production", 2)):
        path = pytester.path / "config" / f"{name}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"port: {port}\n")
    run("""
here = load(Shop, root=os.path.dirname(__file__), environ={})

@pytest.mark.override_config(environment="production")
def test_marker():
    assert here.current.port == 2

def test_clean():
    assert here.current.port == 1

def test_fixture(override_config):
    override_config({"name": "x"}, environment="production")
    assert (here.current.port, here.current.name) == (2, "x")

def test_clean_again():
    assert here.current == Shop(port=1)
""").assert_outcomes(passed=4)


def test_values_that_are_no_switch(run):
    run("""
VALUES = {"a": 1, "b": 2}
RULE = {"enabled": True, "variants": {"a": 50, "b": 50}, "values": VALUES}
typed = Flags(MemoryStore({"limit": RULE}), background=False)

@pytest.mark.override_flags({"limit": 7})
def test_marker():
    assert typed.value("limit", default=0) == 7

def test_fixture(override_flags):
    override_flags({"limit": 9}, where={"user_id": "42"})
    assert typed.value("limit", "42", default=0) == 9
    assert typed.value("limit", "43", default=0) in (1, 2)

@pytest.mark.flag_matrix({"limit": [7, "a"]})
def test_matrix():
    assert typed.value("limit", default=0) in (7, 1)

@pytest.mark.override_flags({"limit": False})
def test_off():
    assert typed.value("limit", default=0) == 0
""").assert_outcomes(passed=5)
    run("""
RULE = {"enabled": True, "variants": {"a": 100}, "values": {"a": 1}}
typed = Flags(MemoryStore({"limit": RULE}), background=False)

@pytest.mark.override_flags({"limit": {"x": 1}})
def test_marker():
    pass
""").stdout.fnmatch_lines(["*override_flags*the flag gives a number*"])


def test_before_the_fixtures_of_the_test_are_set_up(run):
    run("""
@pytest.fixture
def port():
    return config.current.port

@pytest.mark.override_config({"port": 1})
def test_a(port):
    assert port == 1

@pytest.mark.override_env(SHOP_X="1", HOME=None)
@pytest.mark.override_secrets({"db": "from-memory"})
@pytest.mark.override_flags({"new-checkout": True}, where={"user_id": "42"})
@pytest.mark.override_config({"port": 1}, layer="defaults")
def test_all_of_them(port):
    from confkit.secrets.front import SecretManager
    assert os.environ["SHOP_X"] == "1" and "HOME" not in os.environ
    assert flags.enabled("new-checkout", "42") and not flags.enabled("new-checkout", "43")
    assert port == 1
    manager = SecretManager(resolvers={"vault": lambda r: "real"}, default="vault")
    assert manager.get("db").reveal() == "from-memory"
""").assert_outcomes(passed=2)


SLIPS = [
    ('override_config({"prt": 1})', "did you mean port?"),
    ('override_config({"database": {"pool_siz": 1}})', "did you mean database.pool_size?"),
    ('override_config({"port": 1}, layer="enviroment")', "there is no layer 'enviroment'"),
    ('override_config({"port": 1}, layr="env")', "layr"),
    ('override_config("port: 1", layer="env")', "text is for a file"),
    ('override_flags({"new-chekout": True})', "did you mean new-checkout?"),
    ('override_flags({"theme": "drak"})', "there is no variant 'drak'"),
    ('override_flags({"theme": [1]})', "theme: an override is True, False"),
    ('override_flags({"theme": 1.5})', "the flag gives on or off"),
    ('override_flags(["new-checkout"])', ""),
    ("override_flags()", "values"),
    ("override_env(X=1)", "X: an environment variable is text"),
    ('override_secrets({"db": 1})', "db: a secret is text"),
    ('flag_matrix(["new-chekout"])', "did you mean new-checkout?"),
    ('flag_matrix({"theme": ["drak"]})', "there is no variant 'drak'"),
    ('flag_matrix(["new-checkout"], strategy="pairs")', "there is no strategy 'pairs'"),
    ('flag_matrix("new-checkout")', "a list of flags"),
    ('flag_matrix({"theme": []})', "theme: values are needed"),
]


@pytest.mark.parametrize(("marker", "message"), SLIPS, ids=[slip for slip, _ in SLIPS])
def test_a_slip_is_an_error_at_collection_with_file_and_line(run, marker, message):
    body = f"\n@pytest.mark.{marker}\ndef test_a():\n    pass\n"
    result = run(body)
    result.assert_outcomes(errors=1)
    name = marker.partition("(")[0]
    line = line_of("@pytest.mark", body)
    found = [row for row in result.outlines if row.startswith(f"test_it.py:{line}: @pytest.mark")]
    assert found
    assert f"@pytest.mark.{name}: " in found[0]
    assert message in found[0]
    assert "Traceback" not in result.stdout.str()


def test_of_a_class_the_line_is_that_of_the_class(run):
    body = """
@pytest.mark.override_config({"prt": 1})
class TestIt:
    def test_a(self):
        pass
    def test_b(self):
        pass
"""
    result = run(body)
    result.assert_outcomes(errors=1)
    line = line_of("@pytest.mark", body)
    result.stdout.fnmatch_lines([f"test_it.py:{line}: @pytest.mark.override_config: *port?"])


def test_of_a_unittest_class_it_is_an_error_of_each_test(run):
    run("""
import unittest
@pytest.mark.override_config({"prt": 1})
class TestIt(unittest.TestCase):
    def test_a(self):
        pass
""").assert_outcomes(errors=1)


def test_settings_and_flags_of_the_project_are_known_before_anything_uses_them(pytester):
    pytester.makepyfile(
        shop_settings="from dataclasses import dataclass\n"
        "@dataclass(frozen=True)\nclass Settings:\n    port: int = 80\n"
    )
    pytester.path.joinpath("flags.yaml").write_text("new_checkout: {enabled: true}\n")
    pytester.path.joinpath("pyproject.toml").write_text(
        '[tool.confkit]\nsettings = "shop_settings:Settings"\nflags = "file:flags.yaml"\n'
    )
    pytester.makepyfile(
        "import pytest\n"
        '@pytest.mark.override_config({"prt": 1})\ndef test_a():\n    pass\n'
        '@pytest.mark.override_flags({"new_chekout": True})\ndef test_b():\n    pass\n'
    )
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", "--rootdir", ".")
    result.assert_outcomes(errors=1)
    assert "did you mean port?" in result.stdout.str()


def test_a_flag_that_is_gone(run):
    result = run("""
@pytest.mark.flag_expired("new-checkout")
def test_lives():
    pass

@pytest.mark.flag_expired("old-flow")
def test_dead():
    pass
""")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["the flag old-flow is gone*"])


def test_a_key_that_nobody_took_is_told(run):
    result = run("""
@pytest.mark.override_config({"port": 1, "quite.different": 2})
def test_a():
    assert config.current.port == 1
""")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*test_it.py:*no configuration has quite.different*"])
