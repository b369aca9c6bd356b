"""The ``confkit`` command: one group per noun, loaded when it is called."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module

from confkit.errors import ConfkitError, MissingExtra

try:
    import click
except ImportError:
    raise MissingExtra("click", "cli") from None

#: command -> (module, attribute, one line of help); a module is imported when its command runs.
COMMANDS = {
    "show": ("confkit.cli.config", "show", "Print every setting, its value and where it is from."),
    "explain": ("confkit.cli.config", "explain", "Say what every layer said of one setting."),
    "diff": ("confkit.cli.config", "diff", "Compare two environments key by key."),
    "check": ("confkit.cli.config", "check", "Find every problem in the configuration."),
    "schema": ("confkit.cli.config", "schema", "Print a JSON Schema for editors."),
    "env-example": ("confkit.cli.env", "example", "Print a commented .env.example."),
    "env": ("confkit.cli.env", "env", "Check, compare and complete env files."),
    "flags": ("confkit.cli.flags.commands", "flags", "Show, change and simulate feature flags."),
}


class LazyGroup(click.Group):
    """A group that imports a command's module when the command is called, not before."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, attribute, _ = COMMANDS[cmd_name]
        command = getattr(import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, _, text) in COMMANDS.items()])


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="confkit-toolkit", prog_name="confkit")
def cli() -> None:
    """Configuration, feature flags and secrets that can be explained and tested.

    Exit codes: 0 all well, 1 problems found, 2 wrong usage.
    """


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; give its exit code. No error of ours becomes a traceback."""
    try:
        result = cli.main(args=argv, prog_name="confkit", standalone_mode=False)
        sys.stdout.flush()  # here, where a reader that went away is no traceback
    except click.exceptions.Abort:
        click.echo("Interrupted.", err=True)
        return 130
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except ConfkitError as error:
        click.echo(f"Error: {error}", err=True)
        return 1
    except BrokenPipeError:
        # The reader went away; give the interpreter nothing more to flush.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return result if isinstance(result, int) else 0
