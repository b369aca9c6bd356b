"""Findings for people, scripts, GitHub and SARIF readers."""

from __future__ import annotations

from confkit.envcheck import formats
from confkit.envcheck.codes import CODES
from confkit.envcheck.findings import Edit, Finding

ERROR = Finding("LowercaseKey", "a is not in upper case", "x/.env", 3, 1)
MENDED = Finding("TrailingWhitespace", "blanks", "x/.env", 4, 2, "error", Edit(1, 2, ""))
WARNING = Finding("NotPortable", "100%, or: not\nso", "a b,c:d", 1, 2, "warning")


def test_a_line():
    assert formats.line(ERROR) == "x/.env:3:1: LowercaseKey a is not in upper case"
    assert formats.line(WARNING) == "a b,c:d:1:2: NotPortable 100%, or: not\\nso (warning)"


def test_a_name_cannot_forge_a_line_or_a_colour():
    finding = Finding("LowercaseKey", "\x1b[31m\u202ex", "f\n.env", 1, 1)
    assert formats.line(finding) == "f\\n.env:1:1: LowercaseKey \\x1b[31m\\u202ex"


def test_the_summary_counts():
    assert formats.summary([], 1, []) == "1 file checked, nothing found."
    assert formats.summary([ERROR], 2, []) == "2 files checked: 1 error."
    assert formats.summary([ERROR, MENDED, WARNING], 2, ["A", "B"]) == (
        "2 files checked: 2 errors, 1 warning; --fix fixes 1.\nNeeded at run time: A, B."
    )


def test_json():
    made = formats.document([ERROR, WARNING], ["x/.env"], ["A"], 3)
    assert made["findings"][0] == {
        "file": "x/.env",
        "line": 3,
        "column": 1,
        "code": "LowercaseKey",
        "level": "error",
        "message": "a is not in upper case",
        "fixable": False,
    }
    assert made["summary"] == {"errors": 1, "warnings": 1, "fixed": 3}
    assert made["needed_at_run_time"] == ["A"]
    assert made["files"] == ["x/.env"]


def test_github():
    assert formats.github(ERROR) == (
        "::error file=x/.env,line=3,col=1,title=confkit LowercaseKey"
        "::LowercaseKey a is not in upper case"
    )
    assert formats.github(WARNING) == (
        "::warning file=a b%2Cc%3Ad,line=1,col=2,title=confkit NotPortable"
        "::NotPortable 100%25, or: not%0Aso"
    )


def test_sarif():
    log = formats.sarif([ERROR, WARNING, ERROR], "1.2")
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert (driver["name"], driver["version"]) == ("confkit", "1.2")
    assert [rule["id"] for rule in driver["rules"]] == ["LowercaseKey", "NotPortable"]
    assert driver["rules"][1]["defaultConfiguration"] == {"level": "warning"}
    for result in run["results"]:
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    assert run["results"][1]["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "a%20b%2Cc%3Ad"},
                "region": {"startLine": 1, "startColumn": 2},
            }
        }
    ]


def test_every_code_says_what_it_means():
    assert all(known.summary and known.level in ("error", "warning") for known in CODES.values())
