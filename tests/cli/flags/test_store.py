"""Where a command looks, how long it waits, and that nothing of a store commands a terminal."""

from __future__ import annotations

import json

import click
import pytest

from confkit.cli import main
from confkit.cli.flags.store import PATIENCE, store_option, the_store

EVIL = "\x1b[31mred\nforged\x9b2J"


def test_a_file_that_is_not_there_is_an_error_where_nothing_is_made(tmp_path, capsys):
    url = f"file:{tmp_path / 'typo.yaml'}"
    for command in (["list"], ["show", "a"], ["history"], ["enable", "a"], ["export"]):
        assert main(["flags", *command, "--store", url]) == 1
        assert "there is no such file" in capsys.readouterr().err
    assert main(["flags", "set", "a", "--off", "--store", url]) == 0
    assert main(["flags", "list", "--store", url]) == 0


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [([], PATIENCE), (["--timeout", "2"], 2), (["--store", "redis://h?read_timeout=7"], 7)],
)
def test_a_command_waits_as_long_as_it_is_told(arguments, wanted, monkeypatch):
    monkeypatch.setenv("CONFKIT_FLAGS_URL", "redis://h")
    found = []

    @click.command()
    @store_option
    def look(store_url):
        found.append(the_store(store_url))

    look.main(arguments, standalone_mode=False)
    assert found[0]._read_timeout == wanted


def test_texts_of_a_store_are_shown_and_not_obeyed(path, capsys):
    path.write_text(json.dumps({"a": {"enabled": True, "owner": EVIL, "description": EVIL}}))
    commands = [
        ["list"],
        ["show", "a"],
        ["set", "a", "--percentage", "5", "--by", EVIL, "--reason", EVIL, "--yes"],
        ["history"],
        ["unused", "--days", "0"],
        ["show", "a", "--json"],
        ["list", "--json"],
        ["history", "--json"],
        ["show", EVIL],
    ]
    for command in commands:
        main(["flags", *command])
        printed = "".join(capsys.readouterr())
        assert all(c.isprintable() or c == "\n" for c in printed), command
        assert not any(line.startswith("forged") for line in printed.splitlines()), command
