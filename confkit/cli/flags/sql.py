"""``confkit flags sql``: a flag as an expression for a warehouse."""

from __future__ import annotations

from datetime import datetime

import click

from confkit.cli.flags.reporting import reporting
from confkit.cli.flags.store import client, pairs, store_option, the_flag
from confkit.cli.output import OK, echo, json_option, print_json
from confkit.flags.rules.dialects import DIALECTS
from confkit.flags.rules.literals import instant
from confkit.flags.rules.sql import flag_sql


class Moment(click.ParamType):  # type: ignore[type-arg] # generic only in newer clicks
    """An ISO 8601 time, or ``now``."""

    name = "time"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """The aware time; one without an offset is UTC."""
        try:
            return instant(datetime.now().astimezone() if value == "now" else value)
        except (TypeError, ValueError):
            self.fail(f"{value!r} is no time: write now or 2026-11-24T12:00:00+01:00", param, ctx)


@click.command()
@click.argument("name")
@click.option(
    "--dialect",
    type=click.Choice(list(DIALECTS)),
    default="duckdb",
    show_default=True,
    help="Whose SQL.",
)
@click.option("--column", help="The column of the ids.  [default: the name of the flag's unit]")
@click.option(
    "--attribute",
    "attributes",
    multiple=True,
    metavar="NAME=COLUMN",
    help="The column of an attribute of conditions, where it is called otherwise.",
)
@click.option(
    "--part",
    type=click.Choice(["predicate", "bucket", "variant", "selfcheck"]),
    default="predicate",
    show_default=True,
    help="Which expression; selfcheck is a query that gives no rows if the engine agrees.",
)
@click.option("--at", type=Moment(), help="When a schedule is looked up: a time, or now.")
@store_option
@json_option
@reporting
def sql(
    name: str,
    dialect: str,
    column: str | None,
    attributes: tuple[str, ...],
    part: str,
    at: datetime | None,
    store_url: str | None,
    as_json: bool,
) -> int:
    """Print a flag as SQL: the ids it is on for, their buckets or their variants.

    \b
    Examples:
      confkit flags sql new-checkout --dialect postgresql --column orders.user_id
      confkit flags sql new-checkout --part selfcheck --dialect bigquery
    """
    with client(store_url) as found:
        rule = the_flag(found, name).rule
        rules = {other: flag.rule for other, flag in found.view.flags.items()}
    columns = pairs(attributes, "--attribute")
    try:
        parts = flag_sql(rule, dialect, column, columns=columns, rules=rules, at=at)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    text = getattr(parts, part)
    if text is None:
        raise click.UsageError(f"the flag {name} has no variants")
    if as_json:
        print_json({"flag": name, "dialect": dialect, "part": part, "sql": text})
    else:
        echo(text)
    return OK
