"""Asking before a change takes in more people than before, with how many."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from confkit.analysis.ramp import ramp_of
from confkit.cli.output import echo, line
from confkit.flags.client import Flags
from confkit.flags.rules.evaluation import Compiled
from confkit.flags.rules.model import Rule
from confkit.flags.rules.widening import widening
from confkit.flags.writer import RECORDS, Wish
from confkit.near import near

#: How many made-up ids a change is tried on, where no file of ids is given.
SYNTHETIC = 10_000


def yes_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--yes`` and ``--users FILE``."""
    users = click.option(
        "--users",
        metavar="FILE",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="Ids, one a line, to count who enters and leaves.",
    )
    yes = click.option("--yes", is_flag=True, help="Do not ask.")
    return yes(users(command))


def asked(flags: Flags, wish: Wish, *, yes: bool, as_json: bool, users: Path | None = None) -> Wish:
    """A wish that somebody agreed to, where it needs agreement.

    A change that may take in more people, a deletion by going back, and a new flag whose name is
    nearly that of another are shown first. What was shown is what is written: the flag must still
    be at the revision that it was at.

    :raises click.UsageError: where JSON is wanted and nobody agreed.
    :raises click.Abort: when the answer is no.
    """
    past = () if wish.revision is None else flags.history(wish.name, limit=RECORDS)
    made = flags.decided(wish, past)
    stored, known = flags.view.answer.flags, flags.view.flags.get(wish.name)
    old = None if known is None else known.rule
    reasons = list(widening(old, made.rule))
    if wish.name not in stored and (other := near(wish.name, stored)):
        reasons.insert(0, f"there is no flag {wish.name!r}: is it {other!r}?")
    if made.document is None and wish.revision is not None:
        reasons.append("the flag is deleted")
    if not reasons:
        return wish
    if as_json and not yes:
        raise click.UsageError(f"{wish.name}: {'; '.join(reasons)}: --json does not ask, add --yes")
    if not as_json:
        if made.rule is not None:
            echo(line(f"{wish.name}: {moves(old, made.rule, flags, users)}"))
        for reason in reasons:
            echo(line(f"  {reason}"))
        if not yes:
            click.confirm(f"Change {line(wish.name)}?", abort=True)
    return wish._replace(expect=made.expect)


def moves(
    old: Rule | None, new: Rule, flags: Flags, users: Path | None, made_up: int = SYNTHETIC
) -> str:
    """How many stay on, enter, leave and change variants, of a file of ids or of made-up ones."""
    before = replace(new, enabled=False) if old is None else old
    was, will = (
        Compiled(replace(rule, conditions=(), prerequisites=()), clock=flags.clock)
        for rule in (before, new)
    )
    found = ramp_of(was, will, _ids(users, made_up), flags.view.flags, {})
    source = "synthetic ids" if users is None else f"ids of {users.name}"
    conditions = ", conditions assumed true" if before.conditions or new.conditions else ""
    variants = f", {found.moved:,} of the kept change their variant" if found.moved else ""
    return (
        f"kept {found.stayed:,}, entering {found.entered:,}, leaving {found.left:,} "
        f"of {found.total:,} {source}{conditions}{variants}"
    )


def _ids(users: Path | None, made_up: int) -> Iterable[str]:
    if users is None:
        yield from (f"user-{number}" for number in range(made_up))
        return
    with users.open(encoding="utf-8-sig", errors="strict") as file:
        yield from (text for row in file if (text := row.rstrip("\r\n")))
