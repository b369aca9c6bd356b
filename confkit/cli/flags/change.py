"""``confkit flags enable``, ``disable``, ``delete``, ``rollback`` and ``confirm``."""

from __future__ import annotations

from pathlib import Path

import click

from confkit.cli.flags.asking import asked, yes_option
from confkit.cli.flags.reporting import print_change, reporting
from confkit.cli.flags.store import change_options, client, store_option, the_flag
from confkit.cli.output import OK, echo, json_option, print_json
from confkit.errors import StoreDoubted
from confkit.flags.stores.port import Confirming
from confkit.flags.writer import Wish


@click.command()
@click.argument("name")
@yes_option
@change_options
@store_option
@json_option
@reporting
def enable(
    name: str,
    yes: bool,
    users: Path | None,
    by: str,
    reason: str,
    store_url: str | None,
    as_json: bool,
) -> int:
    """Switch a flag on; its percentage and lists stay as they are."""
    with client(store_url) as found:
        the_flag(found, name)
        wish = Wish(name, {"enabled": True}, None, by, reason)
        wish = asked(found, wish, yes=yes, as_json=as_json, users=users)
        return print_change(found.change(wish), as_json)


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
@yes_option
@change_options
@store_option
@json_option
@reporting
def rollback(
    name: str,
    revision: int,
    yes: bool,
    users: Path | None,
    by: str,
    reason: str,
    store_url: str | None,
    as_json: bool,
) -> int:
    """Bring back the rule of an earlier revision, as a new revision."""
    with client(store_url) as found:
        wish = Wish(name, None, revision, by, reason)
        wish = asked(found, wish, yes=yes, as_json=as_json, users=users)
        return print_change(found.change(wish), as_json)


@click.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
@change_options
@store_option
@json_option
@reporting
def confirm(yes: bool, by: str, reason: str, store_url: str | None, as_json: bool) -> int:
    """Tell every program that what the store holds now is right, whatever they believe.

    For a store that lost data, was replaced, or failed over to a server that was behind.
    """
    with client(store_url) as found:
        store, answer = found.store, found.view.answer
        if not isinstance(store, Confirming):
            raise click.UsageError("this store has one program's flags only: nothing to confirm")
        if as_json and not yes:
            raise click.UsageError("--json does not ask: add --yes")
        if not yes:
            echo(f"The store holds {len(answer.flags)} flags.")
            click.confirm("Shall every program follow it?", abort=True)
        if not store.confirm(answer.version, by=by, reason=reason):
            raise StoreDoubted("the store changed meanwhile: look at it again")
    if as_json:
        print_json({"confirmed": len(answer.flags)})
    else:
        echo("Confirmed.")
    return OK
