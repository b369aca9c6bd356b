"""Groups: commands imported when they run, and the name that was meant."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest

from confkit.cli import COMMANDS, cli, main
from confkit.cli.flags.group import COMMANDS as FLAGS
from confkit.cli.flags.group import flags


@pytest.mark.parametrize(
    ("group", "table"), [(cli, COMMANDS), (flags, FLAGS)], ids=["cli", "flags"]
)
def test_every_command_of_a_table_is_there_and_has_help(group, table):
    for name in group.list_commands(None):
        command = group.get_command(None, name)
        assert isinstance(command, click.Command)
        assert command.name == name
        assert command.help
        assert table[name].help.endswith(".")


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["shwo"], "did you mean show?"),
        (["flgas", "list"], "did you mean flags?"),
        (["flags", "lsit"], "did you mean list?"),
        (["flags", "simulat"], "did you mean simulate?"),
    ],
)
def test_a_misspelt_command_gets_a_suggestion(words, hint, capsys):
    assert main(words) == 2
    assert hint in capsys.readouterr().err


def test_a_command_like_none_is_refused_without_one(capsys):
    assert main(["zzzzzz"]) == 2
    err = capsys.readouterr().err
    assert "zzzzzz" in err
    assert "did you mean" not in err


def test_help_imports_no_command():
    code = (
        "import sys; from confkit.cli import main; main(['--help']); main(['flags', '--help']);"
        "print('confkit.cli.config' in sys.modules, 'confkit.cli.flags.show' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False False"
