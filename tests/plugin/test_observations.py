"""What flags answered: the summary, the report, the failing test."""

from __future__ import annotations

import json

BODY = """
@pytest.mark.parametrize("on", [True, False])
def test_both(on, override_flags):
    override_flags({"new-checkout": on})
    flags.enabled("new-checkout")

def test_on():
    flags.variant("theme", "1")

def test_off():
    flags.enabled("undeclared")
"""


def test_the_summary_names_flags_that_were_seen_in_one_state_only(run):
    result = run(BODY)
    result.stdout.fnmatch_lines(
        [
            "*= confkit =*",
            "flags never tested on: undeclared",
            "flags never tested off: theme",
            "flags asked that nothing declares: undeclared",
        ]
    )


def test_nothing_is_said_where_nothing_was_asked(run):
    assert "= confkit =" not in run("def test_a():\n    pass\n").stdout.str()


def test_the_summary_can_be_switched_off(pytester, run):
    pytester.makeini("[pytest]\naddopts = -p pytest_confkit.plugin\nconfkit_summary = false\n")
    assert "= confkit =" not in run(BODY).stdout.str()


def test_names_that_are_made_from_input_do_not_flood_it(run):
    text = run("""
def test_a():
    for number in range(1000):
        flags.enabled(f"{number:03}" + "x" * 100 + chr(27))
""").stdout.str()
    section = text.partition("= confkit =")[2]
    assert "988 more" in section
    assert len(section) < 3000
    assert "\x1b" not in section


def test_the_report_has_flag_state_and_tests(run, pytester):
    run(BODY, "--confkit-report=out/report.json")
    report = json.loads((pytester.path / "out" / "report.json").read_text())
    checkout = report["flags"]["new-checkout"]
    assert checkout == {
        "off": ["test_it.py::test_both[False]"],
        "on": ["test_it.py::test_both[True]"],
    }
    assert set(report["flags"]["theme"]) <= {"dark", "light"}
    assert report["never"] == {"on": ["undeclared"], "off": ["theme"]}
    assert report["unknown"] == ["undeclared"]


def test_processes_of_xdist_are_put_together(run, pytester):
    result = run(BODY, "-n2", "--confkit-report=report.json", load=("xdist",))
    result.assert_outcomes(passed=4)
    report = json.loads((pytester.path / "report.json").read_text())
    assert set(report["flags"]["new-checkout"]) == {"on", "off"}
    assert report["never"] == {"on": ["undeclared"], "off": ["theme"]}


def test_a_failure_tells_what_was_asked_with_reason_bucket_and_rule(run):
    result = run("""
flags.set("new-checkout", enabled=True, percentage=25)

def test_before():
    flags.enabled("theme")

def test_a():
    assert flags.enabled("new-checkout", "42")
""")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        ["*confkit: flags asked*", "new-checkout=off (outside the rollout: bucket * >= 25*rule: *"]
    )
    assert "theme=" not in result.stdout.str()
