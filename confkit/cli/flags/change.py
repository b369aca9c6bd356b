"""``confkit flags enable``, ``disable``, ``delete`` and ``rollback``."""

from __future__ import annotations

import click

from confkit.cli.flags.reporting import print_change, reporting
from confkit.cli.flags.store import change_options, client, store_option, the_flag
from confkit.cli.output import echo, json_option


@click.command()
@click.argument("name")
@change_options
@store_option
@json_option
@reporting
def enable(name: str, by: str, reason: str, store_url: str | None, as_json: bool) -> int:
    """Switch a flag on; its percentage and lists stay as they are."""
    with client(store_url) as found:
        the_flag(found, name)
        return print_change(found.set(name, by=by, reason=reason, enabled=True), as_json)


@click.command()
@click.argument("name")
@change_options
@store_option
@json_option
@reporting
def disable(name: str, by: str, reason: str, store_url: str | None, as_json: bool) -> int:
    """Switch a flag off for everybody; its percentage and lists stay as they are."""
    with client(store_url) as found:
        the_flag(found, name)
        return print_change(found.set(name, by=by, reason=reason, enabled=False), as_json)


@click.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@change_options
@store_option
@json_option
@reporting
def delete(name: str, yes: bool, by: str, reason: str, store_url: str | None, as_json: bool) -> int:
    """Delete a flag; its history stays."""
    with client(store_url) as found:
        if name not in found.view.errors:  # what is no rule can be deleted, too
            the_flag(found, name)
        needing = sorted(
            other
            for other, flag in found.view.flags.items()
            if name in (wanted for wanted, _ in flag.rule.prerequisites)
        )
        if needing:
            echo(f"{', '.join(needing)} need {name}, and go off with it.", err=True)
        if as_json and not yes:
            raise click.UsageError("--json does not ask: add --yes")
        if not yes:
            click.confirm(f"Delete {name}?", abort=True)
        return print_change(found.delete(name, by=by, reason=reason), as_json)


@click.command()
@click.argument("name")
@click.argument("revision", type=click.IntRange(1))
@change_options
@store_option
@json_option
@reporting
def rollback(
    name: str, revision: int, by: str, reason: str, store_url: str | None, as_json: bool
) -> int:
    """Bring back the rule of an earlier revision, as a new revision."""
    with client(store_url) as found:
        return print_change(found.rollback(name, revision, by=by, reason=reason), as_json)
