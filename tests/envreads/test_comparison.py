"""Code, settings and template: where they differ."""

from __future__ import annotations

from confkit.envreads.comparison import compare
from confkit.envreads.reads import Read
from confkit.envreads.tree import Reads


def found(*names: str) -> Reads:
    return Reads([Read(name, "a.py", 1, 1, "os.environ") for name in names])


def test_what_no_setting_has_is_undeclared():
    drift = compare(
        found("A", "B", "LIMITS__X", "PATH", "TZ_X"), declared={"A", "LIMITS__*"}, known=["TZ_*"]
    )
    assert [read.name for read in drift.undeclared] == ["B"]
    assert drift


def test_without_settings_nothing_is_undeclared():
    assert not compare(found("A"))


def test_a_template_lists_what_is_read_and_required_and_nothing_else():
    drift = compare(
        found("A", "B", "HOME"),
        declared={"C", "D"},
        required={"C"},
        listed={"A", "D", "OLD", "PATH"},
    )
    assert (drift.unlisted, drift.unread) == (("B", "C"), ("OLD",))


def test_all_in_step_is_no_drift():
    drift = compare(found("A"), declared={"A"}, listed={"A"})
    assert not drift
    assert drift.as_dict() == {"undeclared": [], "unlisted": [], "unread": []}
