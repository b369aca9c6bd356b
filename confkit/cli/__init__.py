"""The ``confkit`` command: one group per noun, loaded when it is called."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Sequence

from confkit.errors import ConfkitError, MissingExtra

try:
    import click
except ImportError:
    raise MissingExtra("click", "cli") from None

from confkit.cli.groups import Command, LazyGroup

# Other packages bring click and no rich, which is imported where something is printed.
if importlib.util.find_spec("rich") is None:
    raise MissingExtra("rich", "cli")

COMMANDS = {
    "show": Command("confkit.cli.config", "show", "Print every setting and where it is from."),
    "explain": Command("confkit.cli.config", "explain", "Show what every layer sets one key to."),
    "diff": Command("confkit.cli.config", "diff", "Compare two environments key by key."),
    "check": Command("confkit.cli.config", "check", "Find every problem in the configuration."),
    "schema": Command("confkit.cli.config", "schema", "Print a JSON Schema for editors."),
    "env": Command("confkit.cli.env", "env", "Check, compare and complete env files."),
    "secrets": Command("confkit.cli.secrets.group", "secrets", "Encrypt, rotate and find secrets."),
    "flags": Command("confkit.cli.flags.group", "flags", "Show and change feature flags."),
    "notebooks": Command("confkit.cli.notebooks", "group", "Copy notebooks into a project."),
    "serve": Command("confkit.cli.serve", "serve", "Serve the admin API on this machine."),
}


@click.command(
    cls=LazyGroup, table=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]}
)
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
        from confkit.cli.output import echo

        echo(f"Error: {error}", err=True)
        return 1
    except BrokenPipeError:
        # The reader went away; give the interpreter nothing more to flush.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return result if isinstance(result, int) else 0
