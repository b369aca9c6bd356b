"""What commands print: whole cells outside a terminal, JSON in the order of its keys."""

from __future__ import annotations

import json

from confkit.cli.output import console, print_json, print_table


def test_a_table_outside_a_terminal_keeps_every_cell_whole(capsys):
    wide = "x" * 500
    print_table(("key", "value"), [("a", wide), ("[bold]b[/]", "1")], title="Settings")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Settings"
    assert any(wide in line for line in lines)
    assert any("[bold]b[/]" in line for line in lines)  # no markup is read from values


def test_json_keeps_order_and_letters(capsys):
    print_json({"b": "é", "a": [1]})
    out = capsys.readouterr().out
    assert json.loads(out) == {"b": "é", "a": [1]}
    assert out.index('"b"') < out.index('"a"')
    assert "é" in out


def test_the_console_follows_the_stream_of_the_moment(capsys):
    console(stderr=True).print("to stderr")
    assert capsys.readouterr().err == "to stderr\n"
