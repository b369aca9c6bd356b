"""``confkit show``, ``explain``, ``diff``, ``check`` and ``schema``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from confkit.cli.output import (
    OK,
    PROBLEMS,
    html_option,
    json_option,
    print_json,
    print_table,
    write_html,
)
from confkit.cli.target import Target, environment_option, target_options
from confkit.errors import InvalidConfig, Problem, UnknownKey
from confkit.near import did_you_mean
from confkit.reports.difference import diff as difference
from confkit.reports.resolution_page import resolution_page
from confkit.resolution.snapshot import Resolution
from confkit.resolution.variables import unknown_names
from confkit.schema.json_schema import json_schema


def _report_problems(resolution: Resolution[Any], as_json: bool) -> int:
    """Print what is wrong with settings that are shown all the same; the exit code."""
    if not resolution.problems:
        if resolution.unfound is not None:
            click.echo(f"warning: {resolution.unfound}", err=True)
        return OK
    if not as_json:
        click.echo(str(InvalidConfig(resolution.schema.name, resolution.problems)), err=True)
    return PROBLEMS


def _problems(resolution: Resolution[Any]) -> list[dict[str, Any]]:
    return [problem.as_dict() for problem in resolution.problems]


@click.command()
@target_options
@environment_option
@click.option("--layers", is_flag=True, help="Show what every layer sets, not only the winner.")
@html_option
@json_option
def show(
    target: Target, environment: str | None, layers: bool, html: Path | None, as_json: bool
) -> int:
    """Print every setting, its value and where it is from.

    \b
    Examples:
      confkit show --settings shop.settings:Settings -e production
      confkit show --layers
      confkit show -e production --html settings.html
      confkit show --json | jq '.keys["database.pool_size"].origin'
    """
    resolution = target.resolve(environment)
    table = resolution.matrix()
    if html is not None:
        name = environment or target.environment()
        write_html(html, resolution_page(resolution, environment=name))
    if as_json:
        print_json(table.as_dict() | {"problems": _problems(resolution)})
    elif layers:
        click.echo(str(table))
    elif html is None:
        rows = [(row.key, row.text, str(row.origin or "nothing sets it")) for row in table]
        print_table(("key", "value", "from"), rows)
    return _report_problems(resolution, as_json)


@click.command()
@click.argument("key")
@target_options
@environment_option
@json_option
def explain(target: Target, key: str, environment: str | None, as_json: bool) -> int:
    """Say what every layer said of one setting, and which one counts.

    \b
    Examples:
      confkit explain database.pool_size
      confkit explain database -e production --json
    """
    resolution = target.resolve(environment)
    try:
        explanation = resolution.explain(key)
    except UnknownKey as error:
        if resolution.problems and not as_json:
            _report_problems(resolution, as_json)
        raise click.UsageError(str(error)) from None
    if as_json:
        print_json(explanation.as_dict())
    else:
        click.echo(str(explanation))
    return PROBLEMS if explanation.problems else OK


@click.command()
@click.argument("old")
@click.argument("new")
@target_options
@click.option("--moved", is_flag=True, help="Also list equal values that come from elsewhere.")
@click.option("--check", "must_match", is_flag=True, help="Fail when a value differs.")
@json_option
def diff(target: Target, old: str, new: str, moved: bool, must_match: bool, as_json: bool) -> int:
    """Show what differs between two environments, key by key.

    \b
    Examples:
      confkit diff staging production
      confkit diff staging production --check     # exit code 1 when a value differs
    """
    known = target.environments()
    for name in (old, new):
        if name not in known:
            hint = did_you_mean(name, known, "; ") or f"; there are {', '.join(known)}"
            raise click.UsageError(f"no file is named after the environment {name}{hint}")
    sides = [target.resolve(name) for name in (old, new)]
    found = difference(*sides, names=(old, new), moved=moved)
    if as_json:
        both = zip((old, new), sides, strict=True)
        problems = {name: _problems(side) for name, side in both}
        print_json(found.as_dict() | {"problems": problems})
    else:
        click.echo(str(found))
    broken = [_report_problems(side, as_json) for side in sides]
    return PROBLEMS if any(broken) or (found and must_match) else OK


@click.command()
@target_options
@click.option("--environment", "-e", "names", multiple=True, metavar="NAME", help="May repeat.")
@click.option("--all", "every", is_flag=True, help="Every environment that has a file.")
@click.option("--strict", is_flag=True, help="Unknown variables count as problems.")
@json_option
def check(target: Target, names: tuple[str, ...], every: bool, strict: bool, as_json: bool) -> int:
    """Find every problem in the configuration, each with its place and fix.

    Variables that name no setting are listed when they stand in a .env file or look like a
    misspelt name.

    \b
    Examples:
      confkit check -e production
      confkit check --all --strict --json
    """
    report: dict[str, dict[str, list[Problem]]] = {}
    for name in target.environments() if every else names or (target.environment(),):
        resolution = target.resolve(name)
        rest = [problem for problem in resolution.problems if problem.code != "no-files"]
        problems = [*target.without_files(), *rest]
        report[name] = {"problems": problems, "unknown": unknown_names(resolution)}
    if as_json:
        print_json(
            {
                name: {
                    kind: [problem.as_dict() for problem in some] for kind, some in found.items()
                }
                for name, found in report.items()
            }
        )
    else:
        _print_report(report)
    counted = ("problems", "unknown") if strict else ("problems",)
    return PROBLEMS if any(found[kind] for found in report.values() for kind in counted) else OK


def _print_report(report: dict[str, dict[str, list[Problem]]]) -> None:
    for name, found in report.items():
        problems, unknown = found["problems"], found["unknown"]
        state = f"{len(problems)} problem{'s' * (len(problems) != 1)}" if problems else "ok"
        click.echo(f"{name}: {state}")
        for problem in problems:
            click.echo(f"  {problem}")
            for line in problem.excerpt.splitlines():
                click.echo(f"    {line}")
            if problem.others:
                click.echo(f"    also set by: {', '.join(map(str, problem.others))}")
        for problem in unknown:
            click.echo(f"  note: {problem}")


@click.command()
@target_options
@click.option("--json", is_flag=True, expose_value=False, help="As always: a schema is JSON.")
def schema(target: Target) -> int:
    """Print a JSON Schema of the configuration files, for editors.

    \b
    Example:
      confkit schema > config.schema.json
      # then, in the first line of config.yaml:
      # yaml-language-server: $schema=config.schema.json
    """
    print_json(json_schema(target.settings))
    return OK
