"""What is asked before it is done: whatever may take in more people, and slips in names."""

from __future__ import annotations

import json
import re

import pytest

from confkit.cli import main
from confkit.flags.stores.file import FileStore

RULES = {
    "share": {"enabled": True, "percentage": 5},
    "listed": {"enabled": True, "allow": ["1", "2"], "deny": ["9"]},
    "off": {"enabled": False},
    "german": {"enabled": True, "conditions": [{"attribute": "country", "in": ["DE"]}]},
}


@pytest.fixture
def path(tmp_path, monkeypatch):
    file = tmp_path / "flags.json"
    file.write_text(json.dumps(RULES))
    monkeypatch.setenv("CONFKIT_FLAGS_URL", f"file:{file}")
    return file


def stored(path):
    return {name: flag.document for name, flag in FileStore(path).read().flags.items()}


WIDENING = [
    (["set", "share", "--percentage", "6"], "the percentage rises from 5 to 6"),
    (["set", "share", "--clear", "percentage"], "the percentage rises from 5 to 100"),
    (["set", "share", "--salt", "x"], "the salt is x"),
    (["set", "listed", "--allow", "3"], "1 id is added to the allow-list"),
    (["set", "listed", "--allow-add", "3"], "1 id is added to the allow-list"),
    (["set", "listed", "--clear", "allow"], "the percentage rises from 0 to 100"),
    (["set", "listed", "--deny-remove", "9"], "1 id is no longer denied"),
    (["set", "german", "--clear", "conditions"], "no longer asked for: country in DE"),
    (["enable", "off"], "the flag is switched on, for everyone"),
    (["set", "new", "--on"], "the flag is new, on for everyone"),
    (["set", "shares", "--off"], "there is no flag 'shares': is it 'share'?"),
]


@pytest.mark.parametrize(("command", "why"), WIDENING, ids=lambda v: " ".join(v)[:30])
def test_a_change_that_takes_in_more_people_is_asked_for(command, why, path, capsys, monkeypatch):
    before = stored(path)
    monkeypatch.setattr("click.termui.visible_prompt_func", lambda _: "n")
    assert main(["flags", *command]) == 130
    assert why in capsys.readouterr().out
    assert stored(path) == before
    assert main(["flags", *command, "--json"]) == 2
    assert why in capsys.readouterr().err
    assert stored(path) == before
    assert main(["flags", *command, "--json", "--yes"]) == 0
    assert stored(path) != before


@pytest.mark.parametrize(
    "command",
    [
        ["set", "share", "--percentage", "4"],
        ["set", "share", "--off"],
        ["set", "listed", "--allow-remove", "1"],
        ["set", "listed", "--deny-add", "8"],
        ["set", "german", "--owner", "ann"],
        ["disable", "share"],
        ["set", "quiet", "--off"],
    ],
    ids=" ".join,
)
def test_what_takes_in_nobody_is_not_asked_for(command, path, capsys):
    assert main(["flags", *command, "--json"]) == 0


def test_numbers_are_shown_of_made_up_ids_and_of_a_file(path, tmp_path, capsys):
    main(["flags", "set", "share", "--percentage", "100", "--yes"])
    out = capsys.readouterr().out
    assert "leaving 0 of 10,000 synthetic ids" in out
    kept, entering = (
        int(out.split(f"{word} ")[1].split()[0].strip(",").replace(",", ""))
        for word in ("kept", "entering")
    )
    assert kept + entering == 10_000
    assert 400 < kept < 600
    ids = tmp_path / "users.txt"
    ids.write_text("1\n2\n3\n")
    main(["flags", "set", "german", "--clear", "conditions", "--yes", "--users", str(ids)])
    assert "of 3 ids of users.txt, conditions assumed true" in capsys.readouterr().out


def test_renaming_a_variant_moves_nobody_in_silence(path, capsys, monkeypatch):
    # Shares are cut in the order of the names: another name may move those of other variants, too.
    path.write_text(json.dumps({"theme": {"enabled": True, "variants": {"a": 40, "b": 60}}}))
    before = stored(path)
    monkeypatch.setattr("click.termui.visible_prompt_func", lambda _: "n")
    renamed = ["flags", "set", "theme", "--variant", "d=40", "--variant", "b=60"]
    assert main(renamed) == 130
    shown = capsys.readouterr().out
    assert "the variants are others" in shown
    assert "kept 10,000" in shown
    assert re.search(r"[0-9],[0-9]{3} of the kept change their variant", shown)
    assert stored(path) == before
    assert main([*renamed, "--json"]) == 2


def test_lists_are_changed_by_what_is_named(path, capsys):
    assert main(["flags", "set", "listed", "--allow-add", "3", "--allow-remove", "1", "--yes"]) == 0
    assert stored(path)["listed"]["allow"] == ["2", "3"]
    assert main(["flags", "set", "listed", "--allow-remove", "7"]) == 2
    assert "not on the allow-list of listed: 7" in capsys.readouterr().err
    assert main(["flags", "set", "listed", "--allow", "3", "--allow-add", "4"]) == 2
    for unit in ("2", "3"):
        assert main(["flags", "set", "listed", "--allow-remove", unit]) == 0
    assert stored(path)["listed"]["allow"] == [], "an empty list lists nobody"


def test_what_was_shown_is_what_is_written(path, capsys, monkeypatch):
    def meanwhile(_):
        FileStore(path).write("share", {"enabled": False}, expect=None, by="", reason="")
        return "y"

    monkeypatch.setattr("click.termui.visible_prompt_func", meanwhile)
    assert main(["flags", "set", "share", "--percentage", "50"]) == 1
    assert "the change expects revision" in capsys.readouterr().err
    assert stored(path)["share"] == {"enabled": False}


def test_going_back_to_a_deletion_and_to_more_people_is_asked_for(path, capsys):
    main(["flags", "set", "share", "--percentage", "1"])
    main(["flags", "delete", "off", "--yes"])
    main(["flags", "set", "off", "--off", "--yes"])
    capsys.readouterr()
    assert main(["flags", "rollback", "share", "1", "--json"]) == 2
    assert main(["flags", "rollback", "off", "2", "--json"]) == 2
    assert "the flag is deleted" in capsys.readouterr().err
    assert main(["flags", "rollback", "share", "1", "--yes"]) == 0


def test_an_import_names_what_takes_in_more_people(path, tmp_path, capsys):
    other = tmp_path / "other.json"
    other.write_text(json.dumps({"share": {"enabled": True}, "off": {"enabled": False}}))
    assert main(["flags", "import", str(other), "--dry-run"]) == 0
    out = capsys.readouterr().out
    assert "share: kept" in out
    assert "the percentage rises from 5 to 100" in out
    other.write_text("{}")
    assert main(["flags", "import", str(other), "--delete", "--yes"]) == 2
    assert set(stored(path)) == set(RULES)
