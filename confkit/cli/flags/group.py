"""``confkit flags``: the group, whose commands are imported when they run."""

from __future__ import annotations

import click

from confkit.cli.groups import Command, LazyGroup

_HERE = "confkit.cli.flags"
COMMANDS = {
    "list": Command(f"{_HERE}.show", "list_", "List every flag and who it is on for."),
    "show": Command(f"{_HERE}.show", "show", "Show one flag, and what it decides for a user."),
    "set": Command(f"{_HERE}.set", "set_", "Change the fields of a flag that are named."),
    "ramp": Command(f"{_HERE}.simulate", "ramp", "Move a flag to a percentage."),
    "enable": Command(f"{_HERE}.change", "enable", "Switch a flag on."),
    "disable": Command(f"{_HERE}.change", "disable", "Switch a flag off."),
    "delete": Command(f"{_HERE}.change", "delete", "Delete a flag."),
    "history": Command(f"{_HERE}.show", "history", "Show what changed: when, who, what, why."),
    "rollback": Command(f"{_HERE}.change", "rollback", "Bring back an earlier rule."),
    "confirm": Command(f"{_HERE}.change", "confirm", "Accept a store that lost data."),
    "unused": Command(f"{_HERE}.show", "unused", "List flags to clean up."),
    "simulate": Command(f"{_HERE}.simulate", "simulate", "Show whom a flag would be on for."),
    "assign": Command(f"{_HERE}.assign", "assign", "Decide a flag for every row of a file."),
    "plan": Command(f"{_HERE}.plan", "plan", "Show what changes of flags would do to whom."),
    "apply": Command(f"{_HERE}.plan", "apply", "Make the changes of a plan, once."),
    "sql": Command(f"{_HERE}.sql", "sql", "Print a flag as SQL, for a warehouse."),
    "export": Command(f"{_HERE}.transfer", "export", "Print every flag as a flag file."),
    "import": Command(f"{_HERE}.transfer", "import_", "Put the flags of a file into the store."),
    "watch": Command(f"{_HERE}.watch", "watch", "Print every change as it happens."),
}


@click.command(cls=LazyGroup, table=COMMANDS)
def flags() -> None:
    """Show, change and simulate feature flags.

    The store is --store, else $CONFKIT_FLAGS_URL, else [tool.confkit] flags in pyproject.toml.
    """
