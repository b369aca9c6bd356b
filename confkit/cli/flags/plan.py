"""``confkit flags plan`` and ``apply``: see what changes do, then make them, once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from confkit.cli.flags.assign import progress_bar
from confkit.cli.flags.reporting import reporting
from confkit.cli.flags.store import change_options, client, pairs, store_option
from confkit.cli.output import OK, json_option, print_json
from confkit.errors import InvalidPlan, StoreError
from confkit.flags.client import Flags
from confkit.flags.rules.summary import difference
from confkit.flags.stores.file_format import Unreadable, parse
from confkit.flags.stores.memory import MemoryStore

if TYPE_CHECKING:
    from confkit.analysis.plan import Plan
    from confkit.analysis.population import Population

_file = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("changes", type=_file)
@click.option("--against", type=_file, help="Compare with this flag file instead of the store.")
@click.option("--users", "ids", type=_file, help="The population: Parquet, CSV, or ids one a line.")
@click.option("--query", metavar="SQL", help="The population: a query in DuckDB.")
@click.option(
    "--synthetic",
    type=click.IntRange(1, 100_000_000),
    default=100_000,
    show_default=True,
    metavar="COUNT",
    help="How many made-up ids, where there is no population; conditions are taken to hold.",
)
@click.option("--id", "unit", metavar="COLUMN", help="The column of the ids; else the flags' unit.")
@click.option("--segment", metavar="COLUMN", help="Count by the values of this column as well.")
@click.option("--attribute", multiple=True, metavar="NAME=VALUE", help="An attribute of all ids.")
@click.option("--assume", is_flag=True, help="Take conditions on missing columns to hold.")
@click.option("--require-approval", is_flag=True, help="Somebody else has to approve it.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Keep it, to apply.")
@change_options
@store_option
@json_option
@reporting
def plan(
    changes: Path,
    against: Path | None,
    out: Path | None,
    by: str,
    reason: str,
    store_url: str | None,
    as_json: bool,
    **options: Any,
) -> int:
    """Show who enters, stays and leaves if the flags were changed so. Nothing is changed.

    CHANGES is a YAML or JSON file: for each flag the fields to change (null takes a field away),
    or null to delete the flag. With --against it holds whole flags, and is compared with another
    such file.

    \b
    Examples:
      confkit flags plan changes.yaml --users users.parquet --segment country --out plan.json
      confkit flags plan new.yaml --against old.yaml
    """
    if against is None:
        wanted = _changes(changes)
        with client(store_url) as flags:
            made = _made(flags, wanted, by, reason, quiet=as_json, **options)
    else:
        old, new = _changes(against), _changes(changes)
        gone = {name: None for name in old if name not in new}
        whole = {
            name: document and {**dict.fromkeys(old.get(name) or ()), **document}
            for name, document in new.items()
        }
        with Flags(MemoryStore(old), background=False) as flags:
            made = _made(flags, {**whole, **gone}, by, reason, quiet=as_json, **options)
    if out is not None:
        try:
            out.write_text(json.dumps(made.to_dict(), indent=2, ensure_ascii=False) + "\n", "utf-8")
        except OSError as failure:
            raise click.FileError(str(out), failure.strerror) from None
    if as_json:
        print_json(made.to_dict())
    else:
        _show(made)
    return OK


def _changes(file: Path) -> dict[str, Any]:
    try:
        blocks = parse(file.read_bytes(), is_json=file.suffix.lower() == ".json")
    except Unreadable as error:
        raise StoreError(f"{file}:{error.line}:{error.column}: {error}") from None
    return {name: block.document for name, block in blocks.items()}


def _made(
    flags: Flags,
    wanted: dict[str, Any],
    by: str,
    reason: str,
    *,
    ids: Path | None,
    query: str | None,
    synthetic: int,
    unit: str | None,
    segment: str | None,
    attribute: tuple[str, ...],
    assume: bool,
    require_approval: bool,
    quiet: bool,
) -> Plan:
    from confkit.analysis.planning import make_plan

    people = _people(ids, query, synthetic)
    with progress_bar(people.source, people.rows, quiet=quiet) as progress:
        return make_plan(
            flags,
            wanted,
            people,
            author=by,
            reason=reason,
            require_approval=require_approval,
            unit=unit,
            segment=segment,
            shared=pairs(attribute, "--attribute"),
            assume=assume,
            progress=progress,
        )


def _people(ids: Path | None, query: str | None, synthetic: int) -> Population:
    from confkit.analysis import population

    if ids is not None and query is not None:
        raise click.UsageError("--users and --query are two populations: name one")
    if ids is not None:
        return population.population(ids)
    return population.synthetic(synthetic) if query is None else population.query(query)


def _show(made: Plan) -> None:
    """The plan for people: what changes, whether it widens, who moves."""
    for step in made.steps:
        click.echo(f"{step.flag}: {difference(step.old, step.new)}")
        for why in step.widens:
            click.echo(f"  may take in more people: {why}")
    click.echo(str(made) if made.steps else "Nothing to change.")


@click.command()
@click.argument("file", metavar="PLAN", type=_file)
@click.option("--approved-by", default="", metavar="NAME", help="Who approved it, for the record.")
@click.option("--require-approval", is_flag=True, help="Demand an approval by somebody else.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@change_options
@store_option
@json_option
@reporting
def apply(
    file: Path,
    approved_by: str,
    require_approval: bool,
    yes: bool,
    by: str,
    reason: str,
    store_url: str | None,
    as_json: bool,
) -> int:
    """Make the changes of a plan: all of them or none, and once.

    A plan is refused when a flag that it was made on has changed since, and when it was edited.

    \b
    Examples:
      confkit flags apply plan.json
      confkit flags apply plan.json --approved-by grace --yes
    """
    from confkit.analysis.plan import Plan, apply_plan

    if as_json and not yes:
        raise click.UsageError("--json does not ask: add --yes")
    try:
        content = json.loads(file.read_bytes())
    except ValueError as error:
        raise InvalidPlan(f"{file}: this is no plan ({error})") from None
    planned = Plan.from_dict(content)
    if not as_json:
        _show(planned)
        if not yes:
            click.confirm("Change it?", abort=True)
    with client(store_url) as flags:
        done = apply_plan(
            flags,
            planned,
            by=by,
            reason=reason,
            approved_by=approved_by,
            require_approval=require_approval,
        )
    if as_json:
        print_json({"hash": planned.hash, "revisions": [change.as_dict() for change in done]})
    else:
        for change in done:
            click.echo(f"{change.name} is at revision {change.revision}")
    return OK
