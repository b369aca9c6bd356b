"""The group of the flag commands."""

from __future__ import annotations

import pytest

from confkit.cli import main


def test_every_command_takes_json_and_has_help(run):
    from confkit.cli.flags.group import COMMANDS, flags

    for name in flags.list_commands(None):
        command = flags.get_command(None, name)
        assert any("--json" in p.opts for p in command.params), name
        assert command.help
        assert COMMANDS[name].help.endswith(".")
        assert "--help" in run(name, "--help")


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["set", "dark_mode", "--variant", "a=inf"], "'inf' is no number"),
        (["set", "dark_mode", "--step", "2030-01-01=nan"], "'nan' is no number"),
        (["simulate", "dark_mode", "--users", "ids.txt"], "ids.txt: line 2 is not UTF-8"),
        (["export", "-o", "missing/flags.yaml"], "missing/flags.yaml"),
    ],
)
def test_no_mistake_at_the_terminal_is_a_traceback(path, capsys, command, said):
    path.with_name("ids.txt").write_bytes(b"1\n\xff\n")
    assert main(["flags", *command]) in (1, 2)
    assert said in capsys.readouterr().err
