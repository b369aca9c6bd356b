"""``confkit flags``: show, change and follow feature flags."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from importlib import import_module
from typing import Any

import click

from confkit.cli.flags.store import (
    change_options,
    client,
    difference,
    invalid_dict,
    pairs,
    revision_dict,
    store_option,
    summary,
    the_flag,
)
from confkit.cli.output import OK, PROBLEMS, json_option, print_json, print_table
from confkit.errors import ConfkitError, InvalidFlag
from confkit.flags.cleanup import unused_flags
from confkit.flags.stores.port import Revision

#: Commands of other modules: name -> (module, attribute); imported when they run.
MORE = {
    "set": ("confkit.cli.flags.set", "set_"),
    "ramp": ("confkit.cli.flags.simulate", "ramp"),
    "simulate": ("confkit.cli.flags.simulate", "simulate"),
    "sql": ("confkit.cli.flags.transfer", "sql"),
    "export": ("confkit.cli.flags.transfer", "export"),
    "import": ("confkit.cli.flags.transfer", "import_"),
    "watch": ("confkit.cli.flags.watch", "watch"),
}


class FlagsGroup(click.Group):
    """A group some of whose commands stand in modules of their own."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*self.commands, *MORE]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in MORE:
            module, attribute = MORE[cmd_name]
            command = getattr(import_module(module), attribute)
            assert isinstance(command, click.Command)
            return command
        return super().get_command(ctx, cmd_name)


@click.group(cls=FlagsGroup)
def flags() -> None:
    """Show, change and simulate feature flags.

    The store is --store, else $CONFKIT_FLAGS_URL, else [tool.confkit] flags in pyproject.toml.
    """


def reporting(command: Callable[..., int]) -> Callable[..., int]:
    """Report our errors as JSON where JSON is wanted, and refused rules line by line."""

    @wraps(command)
    def run(*, as_json: bool, **options: Any) -> int:
        try:
            return command(as_json=as_json, **options)
        except InvalidFlag as error:
            if as_json:
                print_json(invalid_dict(error))
            else:
                click.echo(f"Error: flag {error.name!r}:", err=True)
                for problem in error.problems:
                    click.echo(f"  {problem}", err=True)
        except ConfkitError as error:
            if not as_json:
                raise
            print_json({"error": type(error).__name__, "message": str(error)})
        return PROBLEMS

    return run


def said(change: Revision, as_json: bool) -> int:
    """Report a change that was made."""
    if as_json:
        print_json(revision_dict(change))
    else:
        what = difference(change.old, change.new)
        click.echo(f"{change.name} is at revision {change.revision}: {what}")
    return OK


@flags.command("list")
@store_option
@json_option
@reporting
def list_(store_url: str | None, as_json: bool) -> int:
    """List every flag and who it is on for. Exit code 1 if a stored rule is invalid."""
    with client(store_url) as found:
        view = found.view
        if as_json:
            rows = {
                name: {"revision": flag.revision, **flag.rule.as_document()}
                for name, flag in sorted(view.flags.items())
            }
            print_json({"flags": rows, "errors": dict(view.errors)})
        else:
            print_table(
                ("flag", "state", "on for", "owner", "revision"),
                [
                    (
                        name,
                        "on" if flag.rule.enabled else "off",
                        summary(flag),
                        flag.rule.owner,
                        str(flag.revision),
                    )
                    for name, flag in sorted(view.flags.items())
                ],
            )
            for error in view.errors.values():
                click.echo(f"Error: {error}", err=True)
        return PROBLEMS if view.errors else OK


@flags.command()
@click.argument("name")
@click.option("--user", help="Decide for this user id.")
@click.option("--attribute", multiple=True, metavar="NAME=VALUE", help="Decide with an attribute.")
@store_option
@json_option
@reporting
def show(
    name: str, user: str | None, attribute: tuple[str, ...], store_url: str | None, as_json: bool
) -> int:
    """Show one flag's rule; with --user, what it decides and why."""
    with client(store_url) as found:
        flag = the_flag(found, name)
        context: dict[str, Any] = dict(pairs(attribute, "--attribute"))
        if user is not None:
            context["user_id"] = user
        decision = found.decide(name, context) if context else None
        if as_json:
            row = {"name": name, "revision": flag.revision, "rule": flag.rule.as_document()}
            print_json(row | ({} if decision is None else {"decision": decision.as_dict()}))
        elif decision is not None:
            click.echo(str(decision))
        else:
            document = {"on for": summary(flag), **flag.rule.as_document()}
            rows = [
                (key, v if isinstance(v, str) else json.dumps(v)) for key, v in document.items()
            ]
            print_table(("field", "value"), rows, title=f"{name} at revision {flag.revision}")
    return OK


@flags.command()
@click.argument("name")
@change_options
@store_option
@json_option
@reporting
def enable(name: str, by: str, reason: str, store_url: str | None, as_json: bool) -> int:
    """Switch a flag on; its percentage and lists stay as they are."""
    with client(store_url) as found:
        the_flag(found, name)
        return said(found.set(name, by=by, reason=reason, enabled=True), as_json)


@flags.command()
@click.argument("name")
@change_options
@store_option
@json_option
@reporting
def disable(name: str, by: str, reason: str, store_url: str | None, as_json: bool) -> int:
    """Switch a flag off for everybody; its percentage and lists stay as they are."""
    with client(store_url) as found:
        the_flag(found, name)
        return said(found.set(name, by=by, reason=reason, enabled=False), as_json)


@flags.command()
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
            click.echo(f"{', '.join(needing)} need {name}, and go off with it.", err=True)
        if as_json and not yes:
            raise click.UsageError("--json does not ask: add --yes")
        if not yes:
            click.confirm(f"Delete {name}?", abort=True)
        return said(found.delete(name, by=by, reason=reason), as_json)


@flags.command()
@click.argument("name", required=False)
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="How many.")
@store_option
@json_option
@reporting
def history(name: str | None, limit: int, store_url: str | None, as_json: bool) -> int:
    """Show what changed, newest first: when, who, what and why."""
    with client(store_url) as found:
        changes = found.history(name, limit=limit)
    if as_json:
        print_json([revision_dict(change) for change in changes])
    else:
        print_table(
            ("when (UTC)", "flag", "revision", "by", "change", "why"),
            [
                (c.at[:19], c.name, str(c.revision), c.by, difference(c.old, c.new), c.reason)
                for c in changes
            ],
        )
    return OK


@flags.command()
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
        return said(found.rollback(name, revision, by=by, reason=reason), as_json)


@flags.command()
@click.option("--days", type=click.IntRange(0), default=30, show_default=True, help="How long.")
@store_option
@json_option
@reporting
def stale(days: int, store_url: str | None, as_json: bool) -> int:
    """List flags to clean up: expired, or the same for everyone for long. Exit code 1 if any."""
    with client(store_url) as found:
        rows = unused_flags(found, days=days)
    if as_json:
        print_json(
            [{"name": r.name, "why": r.why, "owner": r.owner, "since": r.since} for r in rows]
        )
    elif rows:
        print_table(
            ("flag", "why", "owner", "unchanged since"),
            [(r.name, r.why, r.owner, r.since[:10]) for r in rows],
        )
    else:
        click.echo("No flags to clean up.")
    return PROBLEMS if rows else OK
