"""``confkit secrets``: the group, whose commands are imported when they run."""

from __future__ import annotations

import click

from confkit.cli.groups import Command, LazyGroup

_HERE = "confkit.cli.secrets"
COMMANDS = {
    "keygen": Command(f"{_HERE}.tokens", "keygen", "Make an encryption key."),
    "encrypt": Command(f"{_HERE}.tokens", "encrypt", "Encrypt a text from a prompt or a pipe."),
    "decrypt": Command(f"{_HERE}.tokens", "decrypt", "Decrypt a token from a prompt or a pipe."),
    "rotate": Command(f"{_HERE}.tokens", "rotate", "Put every token under the newest key."),
    "check": Command(f"{_HERE}.check", "check", "Resolve every reference, and print none."),
    "scan": Command(f"{_HERE}.scan", "scan", "Find secrets in clear text in files."),
    "drill": Command(f"{_HERE}.drill", "drill", "Rehearse a rotation while readers run."),
}


@click.command(cls=LazyGroup, table=COMMANDS)
def secrets() -> None:
    """Encrypt, rotate, check and find secrets.

    Keys are those of ENCRYPTION_KEYS (newest first, parted by commas) and ENCRYPTION_KEY: in the
    env file that --keys names, else in the environment, else in .env of the root.
    """
