"""``confkit flags list``, ``show``, ``history`` and ``unused``."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import click

from confkit.cli.flags.reporting import reporting
from confkit.cli.flags.store import client, pairs, store_option, the_flag
from confkit.cli.output import OK, PROBLEMS, echo, json_option, print_json, print_table
from confkit.flags.cleanup import unused_flags
from confkit.flags.rules.summary import audience, difference


@click.command("list")
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
                        audience(flag),
                        flag.rule.owner,
                        str(flag.revision),
                    )
                    for name, flag in sorted(view.flags.items())
                ],
            )
            for error in view.errors.values():
                echo(f"Error: {error}", err=True)
        return PROBLEMS if view.errors else OK


@click.command()
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
            echo(str(decision))
        else:
            document = {"on for": audience(flag), **flag.rule.as_document()}
            rows = [
                (key, v if isinstance(v, str) else json.dumps(v)) for key, v in document.items()
            ]
            print_table(("field", "value"), rows, title=f"{name} at revision {flag.revision}")
    return OK


@click.command()
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
        print_json([change.as_dict() for change in changes])
    else:
        print_table(
            ("when (UTC)", "flag", "revision", "by", "change", "why"),
            [
                (c.at[:19], c.name, str(c.revision), c.by, difference(c.old, c.new), c.reason)
                for c in changes
            ],
        )
    return OK


@click.command()
@click.option("--days", type=click.IntRange(0), default=30, show_default=True, help="How long.")
@store_option
@json_option
@reporting
def unused(days: int, store_url: str | None, as_json: bool) -> int:
    """List flags to clean up: expired, or the same for everyone for long. Exit code 1 if any."""
    with client(store_url) as found:
        rows = unused_flags(found, days=days)
    if as_json:
        print_json([asdict(row) for row in rows])
    elif rows:
        print_table(
            ("flag", "why", "owner", "unchanged since"),
            [(r.name, r.why, r.owner, r.since[:10]) for r in rows],
        )
    else:
        echo("No flags to clean up.")
    return PROBLEMS if rows else OK
