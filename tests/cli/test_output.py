"""What commands print: whole cells outside a terminal, JSON in the order of its keys."""

from __future__ import annotations

import json

from confkit.cli import output
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


EVIL = "a\x1b[31mred\nforged\r\x9b2J\u202e\x00end"


def test_no_control_character_reaches_a_terminal(capsys):
    output.echo(EVIL)
    output.echo(output.line(EVIL))
    output.print_table(("x",), [(EVIL,)], title=EVIL)
    output.print_json({"x": EVIL})
    printed = capsys.readouterr().out
    assert all(c.isprintable() or c == "\n" for c in printed)
    assert printed.count("forged") == 5
    assert json.loads(output.json_text({"x": EVIL})) == {"x": EVIL}


def test_a_value_forges_no_line(capsys):
    output.echo(output.line("one\ntwo"))
    output.print_table(("x",), [("one\ntwo",)])
    assert [line for line in capsys.readouterr().out.splitlines() if line.startswith("two")] == []
