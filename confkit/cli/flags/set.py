"""``confkit flags set``: options for every field of a rule."""

from __future__ import annotations

import json
from dataclasses import fields as fields_of
from pathlib import Path
from typing import Any

import click

from confkit.cli.flags.asking import asked, yes_option
from confkit.cli.flags.reporting import print_change, reporting
from confkit.cli.flags.store import Percentage, change_options, client, pairs, store_option
from confkit.cli.output import json_option
from confkit.flags.client import Flags
from confkit.flags.rules.literals import number
from confkit.flags.rules.model import Rule
from confkit.flags.writer import Wish, base

#: Everything but the name and the switch.
CLEARABLE = [field.name for field in fields_of(Rule)[2:]]


@click.command("set")
@click.argument("name")
@click.option("--on/--off", "enabled", default=None, help="Switch the flag.")
@click.option("--percentage", type=Percentage(), help="The share that it is on for.")
@click.option(
    "--allow", multiple=True, metavar="ID", help="The ids it is always on for, all of them."
)
@click.option("--allow-add", multiple=True, metavar="ID", help="One more id on the allow-list.")
@click.option("--allow-remove", multiple=True, metavar="ID", help="One less.")
@click.option("--deny-add", multiple=True, metavar="ID", help="One more id on the deny-list.")
@click.option("--deny-remove", multiple=True, metavar="ID", help="One less.")
@click.option(
    "--deny", multiple=True, metavar="ID", help="The ids it is never on for, all of them."
)
@click.option("--variant", multiple=True, metavar="NAME=WEIGHT", help="The variants, 100 in all.")
@click.option("--value", multiple=True, metavar="NAME=JSON", help="What each variant gives.")
@click.option("--off-variant", metavar="NAME", help="Whose value the flag gives where it is off.")
@click.option("--condition", multiple=True, metavar="JSON", help="Conditions, all of which hold.")
@click.option("--requires", multiple=True, metavar="FLAG", help="Flags that must be on.")
@click.option("--step", multiple=True, metavar="TIME=PERCENTAGE", help="Steps of a schedule.")
@click.option("--salt", help="What is hashed with the id; the flag's name if not said.")
@click.option("--unit", help="The attribute that is hashed; user_id if not said.")
@click.option("--owner", help="Whose flag it is.")
@click.option("--description", help="What it does.")
@click.option("--expires", metavar="DATE", help="When it should be gone.")
@click.option("--clear", multiple=True, type=click.Choice(CLEARABLE), help="Unset a field.")
@click.option("--expect", type=click.IntRange(0), help="Only if it is at this revision (0: new).")
@yes_option
@change_options
@store_option
@json_option
@reporting
def set_(
    name: str,
    by: str,
    reason: str,
    expect: int | None,
    store_url: str | None,
    as_json: bool,
    yes: bool,
    users: Path | None,
    **options: Any,
) -> int:
    """Change the fields of a flag that are named, and only those.

    \b
    Examples:
      confkit flags set new-checkout --on --percentage 5 --owner payments
      confkit flags set new-checkout --allow 42 --allow 43 --reason "pilot shops"
      confkit flags set search --condition '{"attribute": "country", "in": ["DE", "AT"]}'
      confkit flags set new-checkout --allow-add 44 --allow-remove 42
      confkit flags set theme --variant dark=50 --variant light=50 \\
        --value 'dark="#000"' --value 'light="#fff"' --off-variant light
    """
    lists = {
        "allow": (options.pop("allow_add"), options.pop("allow_remove")),
        "deny": (options.pop("deny_add"), options.pop("deny_remove")),
    }
    fields = _fields(**options)
    if not fields and not any(more or fewer for more, fewer in lists.values()):
        raise click.UsageError("nothing to change: name at least one field")
    with client(store_url, must_exist=False) as found:
        for field, (more, fewer) in lists.items():
            if more or fewer:
                _check_lists(field, fields)
                fields[field] = _changed_list(found, name, field, more, fewer)
        wish = Wish(name, fields, None, by, reason, expect)
        wish = asked(found, wish, yes=yes, as_json=as_json, users=users)
        return print_change(found.change(wish), as_json)


def _check_lists(field: str, fields: dict[str, Any]) -> None:
    if field in fields:
        both = f"--{field}-add and --{field}-remove change the list that is there"
        raise click.UsageError(f"{both}: leave out --{field} and --clear {field}")


def _changed_list(
    found: Flags, name: str, field: str, more: tuple[str, ...], fewer: tuple[str, ...]
) -> list[Any]:
    there = list(base(found.view, name).get(field) or ())
    texts = [str(unit) for unit in there]
    if missing := [unit for unit in fewer if unit not in texts]:
        raise click.UsageError(f"not on the {field}-list of {name}: {', '.join(missing)}")
    kept = [unit for unit, text in zip(there, texts, strict=True) if text not in fewer]
    return kept + [unit for unit in dict.fromkeys(more) if unit not in texts]


def _fields(
    clear: tuple[str, ...],
    allow: tuple[str, ...],
    deny: tuple[str, ...],
    variant: tuple[str, ...],
    value: tuple[str, ...],
    condition: tuple[str, ...],
    requires: tuple[str, ...],
    step: tuple[str, ...],
    **plain: Any,
) -> dict[str, Any]:
    fields: dict[str, Any] = dict.fromkeys(clear)
    fields |= {key: value for key, value in plain.items() if value is not None}
    if allow:
        fields["allow"] = list(allow)
    if deny:
        fields["deny"] = list(deny)
    if variant:
        weights = pairs(variant, "--variant").items()
        fields["variants"] = {key: _weight(text, "--variant") for key, text in weights}
    if value:
        fields["values"] = {key: _json(text) for key, text in pairs(value, "--value").items()}
    if condition:
        fields["conditions"] = [_json(text) for text in condition]
    if requires:
        fields["prerequisites"] = dict.fromkeys(requires, True)
    if step:
        fields["schedule"] = [
            {"at": at, "percentage": _weight(text, "--step")}
            for at, text in pairs(step, "--step").items()
        ]
    return fields


def _weight(text: str, option: str) -> float:
    try:
        return number(float(text.removesuffix("%")))
    except (ValueError, OverflowError):  # the latter for what is not finite
        raise click.BadParameter(f"{text!r} is no number", param_hint=option) from None


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise click.BadParameter(f"is not JSON: {error}", param_hint="--condition") from None
