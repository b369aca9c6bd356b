"""What differs between two snapshots, key by key; secrets are compared and never shown."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from confkit import Diff, Secret, Values, diff, load


@dataclass(frozen=True)
class Pool:
    size: int = 5


@dataclass(frozen=True)
class Settings:
    debug: bool = False
    name: str = "shop"
    key: Secret = Secret("hunter1")
    limits: dict[str, int] = field(default_factory=dict)
    spare: Pool | None = None
    items: list[int] = field(default_factory=list)


def compare(old: dict[str, object], new: dict[str, object], **kwargs: object) -> Diff:
    one, two = load(Settings, Values(old)).snapshot, load(Settings, Values(new)).snapshot
    return diff(one, two, **kwargs)


def test_equal_snapshots_do_not_differ():
    found = compare({"debug": True}, {"debug": "yes"})
    assert not found
    assert str(found) == "old and new do not differ"
    assert list(found) == []


def test_added_removed_and_changed():
    found = compare({"limits.a": 1, "debug": True}, {"limits.b": 2, "items": [1]})
    assert {(d.key, d.kind, d.old, d.new) for d in found} == {
        ("debug", "changed", "true", "false"),
        ("limits.a", "removed", "1", None),
        ("limits.b", "added", None, "2"),
        ("items", "changed", "[]", "[1]"),
    }
    assert found


def test_a_section_that_comes_up():
    found = compare({}, {"spare.size": 7})
    assert {(d.key, d.kind, d.old, d.new) for d in found} == {
        ("spare", "removed", "null", None),
        ("spare.size", "added", None, "7"),
    }


def test_what_only_comes_from_elsewhere_is_listed_when_asked_for():
    assert not list(compare({}, {"name": "shop"}))
    found = compare({}, {"name": "shop"}, moved=True)
    assert [(d.key, d.kind) for d in found] == [("name", "moved")]
    assert not found


def test_a_secret_that_differs_is_told_and_not_shown():
    found = compare({"key": "hunter2"}, {"key": "hunter3"}, names=("production", "staging"))
    assert [(d.key, d.kind, d.old, d.new) for d in found] == [("key", "changed", "***", "***")]
    shown = str(found) + found._repr_html_() + json.dumps(found.as_dict()) + repr(found)
    assert "hunter" not in shown
    assert found.columns == ("key", "kind", "production", "staging", "from", "to")


def test_as_text_json_and_html():
    found = compare({"name": "a"}, {"name": "<b>"})
    lines = str(found).split("\n")
    assert lines[0].split() == ["key", "kind", "old", "new", "from", "to"]
    assert lines[1].split()[:4] == ["name", "changed", "a", "<b>"]
    assert "&lt;b&gt;" in found._repr_html_()
    made = found.as_dict()
    assert (made["old"], made["new"]) == ("old", "new")
    (one,) = made["differences"]
    assert one["old_origin"].endswith(one["new_origin"].rpartition("/")[2])
    assert compare({}, {"spare.size": 2}).as_dict()["differences"][-1]["old_origin"] is None
