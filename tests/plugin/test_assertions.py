"""What failed assertions tell."""

from __future__ import annotations


def test_settings_and_a_mapping(run):
    result = run("""
def test_a():
    with config.override({"port": 1}):
        assert config == {"port": 80, "name": "shop", "nme": 1}
""")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*Shop: the settings are not those of the mapping",
            "*port: 1 != 80, set by override at *test_it.py:*",
            "*no setting nme*did you mean name?",
        ]
    )
    assert "name: shop" not in result.stdout.str()


def test_two_configurations(run):
    result = run("""
def test_a():
    assert config.snapshot == load(Shop, Values({"port": 1})).snapshot
""")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*Shop: the settings differ", "*port*80*1*"])


def test_secrets_are_masked(run):
    result = run("""
@dataclass(frozen=True)
class Vault:
    password: Secret = Secret("hunter2hunter2")

def test_a():
    assert load(Vault, Values({})) == {"password": "another-one-entirely"}
""")
    result.assert_outcomes(failed=1)
    assert "hunter2hunter2" not in result.stdout.str()


def test_a_decision_tells_its_reason(run):
    result = run("def test_a():\n    assert flags.decide('new-checkout', '42')\n")
    result.stdout.fnmatch_lines(["*assert <Decision new-checkout=off (disabled)>*"])


def test_other_comparisons_are_pytests_own(run):
    result = run("def test_a():\n    assert {'a': 1} == {'a': 2}\n")
    result.stdout.fnmatch_lines(["*assert {'a': 1} == {'a': 2}*"])
