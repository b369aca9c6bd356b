"""``confkit flags simulate`` and ``ramp``: what a rule does to many, before it does."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import click
from rich.progress import Progress
from rich.text import Text

from confkit.analysis.counting import Counting
from confkit.analysis.distribution import Distribution, distribution_of
from confkit.analysis.panels import View
from confkit.analysis.ramp import Ramp, ramp_of
from confkit.analysis.rollout_page import rollout_page
from confkit.cli.flags.reporting import print_change, reporting
from confkit.cli.flags.store import (
    Percentage,
    change_options,
    client,
    pairs,
    store_option,
    the_flag,
)
from confkit.cli.output import OK, console, echo, html_option, json_option, print_json, write_html
from confkit.flags.rules.evaluation import Compiled, Table
from confkit.flags.rules.literals import number

WIDTH = 40


def ids_of(path: Path | None, synthetic: int, *, quiet: bool) -> Iterator[str]:
    """The ids in a file, one a line, or ``user-1`` and so on; progress on a terminal."""
    if path is None:
        yield from (f"user-{n}" for n in range(1, synthetic + 1))
        return
    with Progress(
        console=console(stderr=True), disable=quiet or not sys.stderr.isatty(), transient=True
    ) as progress:
        task = progress.add_task(path.name, total=path.stat().st_size)
        read = 0
        with path.open("rb") as file:
            for count, line in enumerate(file):
                if count % 10_000 == 0:
                    progress.update(task, completed=read)
                read += len(line)
                try:
                    # The mark that spreadsheets put at the head of a file is no part of an id.
                    unit = line.decode("utf-8" if count else "utf-8-sig").rstrip("\r\n")
                except UnicodeDecodeError:
                    said = f"{path}: line {count + 1} is not UTF-8"
                    raise click.BadParameter(said, param_hint="--users") from None
                if unit:
                    yield unit


def _bar(part: float, whole: float, style: str) -> Text:
    return Text("█" * round(WIDTH * part / whole) if whole else "", style=style)


def chart(found: Distribution) -> None:
    """The distribution as bars."""
    out = console()
    out.print(Text(found.headline, "bold"))
    rows = [("on", found.on, "green"), ("off", found.total - found.on, "bright_black")]
    rows += [(f"  {v}", count, "cyan") for v, count in sorted(found.variants.items())]
    wide = max(len(label) for label, _, _ in rows)
    for label, count, style in rows:
        share = 100 * count / found.total if found.total else 0
        line = Text(f"{label:<{wide}}  {share:7.3f} %  ") + _bar(count, found.total, style)
        out.print(line)
    out.print(Text("\nids by bucket, on marked", "bold"))
    bins = found.histogram()
    most = max(count for count, _ in bins)
    for number_, (count, on) in enumerate(bins):
        line = Text(f"{5 * number_:3d} to {5 * number_ + 5:3d}  {count:9,}  ")
        full = round(WIDTH * count / most) if most else 0
        lit = round(full * on / count) if count else 0
        out.print(line + Text("█" * lit, "green") + Text("░" * (full - lit), "bright_black"))
    out.print(Text("\nreasons", "bold"))
    for reason, count in found.reasons.most_common():
        out.print(Text(f"{reason:<15} {count:11,}"))


_users_option = click.option(
    "--users",
    "ids",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file of ids, one a line.",
)
_synthetic_option = click.option(
    "--synthetic",
    type=click.IntRange(1, 10_000_000),
    default=100_000,
    show_default=True,
    metavar="COUNT",
    help="How many made-up ids, where there is no file.",
)


@click.command()
@click.argument("name")
@_users_option
@_synthetic_option
@click.option("--percentage", type=Percentage(), help="As if the rollout stood there.")
@click.option("--attribute", multiple=True, metavar="NAME=VALUE", help="An attribute of all ids.")
@html_option
@store_option
@json_option
@reporting
def simulate(
    name: str,
    ids: Path | None,
    synthetic: int,
    percentage: float | None,
    attribute: tuple[str, ...],
    html: Path | None,
    store_url: str | None,
    as_json: bool,
) -> int:
    """Show whom a flag would be on for, over made-up ids or a file of ids.

    \b
    Examples:
      confkit flags simulate new-checkout
      confkit flags simulate new-checkout --percentage 25 --users users.txt
      confkit flags simulate new-checkout --percentage 25 --html rollout.html
    """
    shared = pairs(attribute, "--attribute")
    with client(store_url) as found:
        before = flag = the_flag(found, name)
        if percentage is not None:
            flag = Compiled(replace(flag.rule, percentage=percentage, schedule=()), flag.revision)
        units = ids_of(ids, synthetic, quiet=as_json)
        if html is not None:
            kept = list(units)
            write_html(html, _page(before, flag, kept, found.view.flags, shared))
            units = iter(kept)
        outcome = distribution_of(flag, units, found.view.flags, shared)
    if as_json:
        print_json(outcome.to_dict())
    else:
        chart(outcome)
    return OK


def _page(
    before: Compiled, flag: Compiled, units: list[str], table: Table, shared: dict[str, str]
) -> str:
    """The page about a flag at a percentage, beside what it is now."""
    at = flag.percentage()
    if at is None:
        at = 100.0 if flag.rule.allow is None else 0.0
    counting = Counting(
        flag.rule, before, other_salt=f"{flag.rule.salt or flag.name}-b", table=table, shared=shared
    )
    counting.add(units)
    was = before.percentage() if before.rule.enabled else None
    salt = f"{flag.rule.salt or flag.name}-b"
    return rollout_page(View(flag.rule, counting.lookup(), at, was=was, other_salt=salt))


@click.command()
@click.argument("name")
@click.argument("percentage", type=Percentage())
@_users_option
@_synthetic_option
@click.option("--attribute", multiple=True, metavar="NAME=VALUE", help="An attribute of all ids.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@change_options
@store_option
@json_option
@reporting
def ramp(
    name: str,
    percentage: float,
    ids: Path | None,
    synthetic: int,
    attribute: tuple[str, ...],
    yes: bool,
    by: str,
    reason: str,
    store_url: str | None,
    as_json: bool,
) -> int:
    """Move a flag to a percentage, after showing how many enter and leave.

    \b
    Examples:
      confkit flags ramp new-checkout 25%
      confkit flags ramp new-checkout 25% --users users.txt --yes --reason "week two"
    """
    if as_json and not yes:
        raise click.UsageError("--json does not ask: add --yes")
    attributes = pairs(attribute, "--attribute")
    with client(store_url) as found:
        old = the_flag(found, name)
        new = Compiled(replace(old.rule, percentage=percentage), old.revision)
        units = ids_of(ids, synthetic, quiet=as_json)
        counts = ramp_of(old, new, units, found.view.flags, attributes)
        if not as_json:
            of = f"{counts.total:,} ids of {ids.name}" if ids else f"{counts.total:,} made-up ids"
            _announce(old, percentage, counts, of)
            if not yes:
                click.confirm("Change it?", abort=True)
        change = found.set(
            name, by=by, reason=reason, expect=old.revision, percentage=number(percentage)
        )
    if not as_json:
        return print_change(change, as_json)
    print_json(
        {
            "flag": name,
            "from": old.percentage(),
            "to": percentage,
            "units": counts.total,
            "enter": counts.entered,
            "leave": counts.left,
            "barred": dict(counts.barred.most_common()),
            "schedule": bool(old.rule.schedule),
            "enabled": old.rule.enabled,
            "revision": change.revision,
        }
    )
    return OK


def _announce(old: Compiled, percentage: float, counts: Ramp, of: str) -> None:
    """Print who moves, and what stands in the way of those who do not."""
    before = old.percentage()
    start = "no percentage" if before is None else f"{before:g} %"
    moving = f"{counts.entered:,} enter, {counts.left:,} leave"
    echo(f"{old.name}: {start} -> {percentage:g} %; of {of}, {moving}")
    if not old.rule.enabled:
        echo("The flag is off: nobody enters until it is enabled.")
    for why, count in counts.barred.most_common():
        echo(f"Whatever the percentage, {count:,} are off: {why}.")
    if old.rule.conditions and counts.barred:
        echo("Ids have no attributes here: give what they share by --attribute.")
    if old.rule.schedule:
        echo("The flag has a schedule, which decides from its first step on.")
