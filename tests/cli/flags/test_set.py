"""``confkit flags set``: the fields that are named change, and no others."""

from __future__ import annotations

import json

import pytest

from confkit.cli import main
from confkit.flags.client import Flags
from confkit.flags.stores.file import FileStore


def test_set_changes_what_is_named(path, run, answer):
    out = run(
        "set", "new-checkout", "--percentage", "25%", "--by", "ann", "--yes", "--reason", "why"
    )
    assert out.endswith("new-checkout is at revision 2: percentage: 10 -> 25\n")
    assert "# ours" in path.read_text()
    newest = answer("history", "new-checkout")[0]
    assert (newest["by"], newest["reason"]) == ("ann", "why")
    made = answer(
        "set", "search", "--on", "--allow", "1", "--allow", "2", "--deny", "3",
        "--percentage", "12.5", "--variant", "a=40", "--variant", "b=60", "--condition",
        '{"attribute": "country", "in": ["DE"]}', "--requires", "dark_mode", "--salt", "s",
        "--unit", "account", "--step", "2027-01-01T00:00Z=50%", "--expires", "2027-12-31",
        "--owner", "me", "--description", "d", "--yes",
    )  # fmt: skip
    assert made["new"] == {
        "enabled": True, "deny": ["3"], "allow": ["1", "2"], "percentage": 12.5, "salt": "s",
        "unit": "account", "variants": {"a": 40, "b": 60},
        "conditions": [{"attribute": "country", "in": ["DE"]}],
        "prerequisites": {"dark_mode": True},
        "schedule": [{"at": "2027-01-01T00:00:00+00:00", "percentage": 50}],
        "owner": "me", "description": "d", "expires": "2027-12-31",
    }  # fmt: skip
    assert "allow" not in answer("set", "search", "--clear", "allow", "--yes")["new"]


def test_values_are_json_and_come_back_from_everywhere(path, run, answer, tmp_path):
    values = {"a": {"ink": "on", "sizes": [1, 2.5, None, True]}, "z": {}}
    made = answer(
        "set", "theme", "--on", "--variant", "a=100", "--value", f"a={json.dumps(values['a'])}",
        "--value", "z={}", "--off-variant", "z", "--yes",
    )["new"]  # fmt: skip
    assert made == {"enabled": True, "variants": {"a": 100}, "values": values, "off_variant": "z"}
    with Flags(FileStore(path)) as flags:
        assert flags.value("theme", default={}) == values["a"]
    assert answer("set", "theme", "--clear", "values", "--clear", "off_variant", "--yes")[
        "new"
    ] == {
        "enabled": True,
        "variants": {"a": 100},
    }
    assert answer("rollback", "theme", "1", "--yes")["new"]["values"] == values
    exported = tmp_path / "exported.json"
    exported.write_text(run("export", "--json"))
    run("delete", "theme", "--yes")
    run("import", str(exported), "--yes")
    with Flags(FileStore(path)) as flags:
        assert flags.value("theme", default={}) == values["a"]
    assert "values" in run("show", "theme")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["dark_mode"], 2, "nothing to change"),
        (["dark_mode", "--value", "a=dark"], 2, "is not JSON"),
        (["dark_mode", "--value", "a=1"], 1, "there is no variant a"),
        (["dark_mode", "--off-variant", "a"], 1, "there is no value of a"),
        (["dark_mode", "--percentage", "101"], 2, "must be from 0 to 100"),
        (["dark_mode", "--percentage", "x"], 2, "is no percentage"),
        (["dark_mode", "--variant", "a"], 2, "is not name=value"),
        (["dark_mode", "--variant", "a=x"], 2, "is no number"),
        (["dark_mode", "--variant", "a=99"], 1, "the weights sum to 99"),
        (["dark_mode", "--condition", "{"], 2, "is not JSON"),
        (["dark_mode", "--requires", "nothing"], 1, "there is no flag 'nothing'"),
        (["a b", "--on"], 1, "name: must be 1 to 128"),
        (["new", "--percentage", "5"], 1, "enabled: is required of a new flag"),
        (["dark_mode", "--off", "--expect", "7"], 1, "is at revision 1"),
    ],
)
def test_set_refuses(path, capsys, arguments, code, said):
    before = path.read_text()
    assert main(["flags", "set", *arguments]) == code
    assert said in capsys.readouterr().err
    assert path.read_text() == before
