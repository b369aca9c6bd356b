"""``confkit flags sql``, ``export`` and ``import``: flags for warehouses and other stores."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from confkit.cli.flags.asking import SYNTHETIC, moves
from confkit.cli.flags.legacy import legacy_documents
from confkit.cli.flags.reporting import reporting
from confkit.cli.flags.store import change_options, client, store_option
from confkit.cli.output import OK, PROBLEMS, USAGE, echo, json_option, line, print_json, print_table
from confkit.errors import (
    FlagConflict,
    FlagError,
    InvalidFlag,
    StoreBusy,
    StoreDenied,
    StoreDoubted,
    StoreError,
    StoreFull,
    StoreReadOnly,
)
from confkit.flags.bulk import PartlyWritten, Step, carry_out, plan
from confkit.flags.client import Flags
from confkit.flags.rules.literals import Document
from confkit.flags.rules.model import Rule
from confkit.flags.rules.summary import difference
from confkit.flags.rules.widening import widening
from confkit.flags.stores.file_format import Unreadable, dumped, parse
from confkit.flags.stores.port import WritingAll

#: On how many made-up ids each of many flags is tried, at least.
FEWEST = 100


@click.command()
@click.option(
    "--format",
    "form",
    type=click.Choice(["yaml", "json"]),
    default="yaml",
    show_default=True,
    help="The format.",
)
@click.option("--output", "-o", type=click.Path(dir_okay=False, path_type=Path), help="A file.")
@store_option
@json_option
@reporting
def export(form: str, output: Path | None, store_url: str | None, as_json: bool) -> int:
    """Print every flag as a flag file; --json is short for --format json."""
    with client(store_url) as found:
        documents = {n: f.rule.as_document() for n, f in sorted(found.view.flags.items())}
        errors = dict(found.view.errors)
    if as_json or form == "json":
        text = json.dumps(documents, indent=2, ensure_ascii=False) + "\n"
    else:
        text = dumped(documents)
    if output is None:
        click.echo(text, nl=False)
    else:
        try:
            output.write_text(text, encoding="utf-8")
        except OSError as failure:
            raise click.FileError(str(output), failure.strerror) from None
        echo(f"{len(documents)} flags written to {output}", err=True)
    for error in errors.values():
        echo(f"Error: {error}", err=True)
    return PROBLEMS if errors else OK


@click.command("import")
@click.argument(
    "file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--legacy", is_flag=True, help="From the keys feature_flag:<name> in Redis instead.")
@click.option("--from", "origin", metavar="URL", help="With --legacy: where; else the store.")
@click.option("--prefix", default="feature_flag:", show_default=True, help="With --legacy.")
@click.option("--reshuffle", is_flag=True, help="With --legacy: percentages get other users.")
@click.option("--delete", is_flag=True, help="Delete flags that the file does not have.")
@click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@change_options
@store_option
@json_option
@reporting
def import_(
    file: Path | None,
    legacy: bool,
    origin: str | None,
    prefix: str,
    reshuffle: bool,
    delete: bool,
    dry_run: bool,
    yes: bool,
    by: str,
    reason: str,
    store_url: str | None,
    as_json: bool,
) -> int:
    """Put the flags of a YAML or JSON file into the store, after showing what changes.

    The whole file is checked before the first flag is written.

    \b
    Examples:
      confkit flags import flags.yaml --dry-run
      confkit flags import --legacy --from redis://localhost/0 --store redis://localhost/0
    """
    if legacy == (file is not None):
        raise click.UsageError("name a file, or --legacy")
    if file is None:
        documents = legacy_documents(
            origin or store_url, prefix=prefix, reshuffle=reshuffle, as_json=as_json
        )
        why = f"import of {prefix}*"
    else:
        documents, why = _documents(file), f"import of {file.name}"
    with client(store_url, must_exist=False) as found:
        return bring_in(
            found,
            documents,
            delete=delete,
            dry_run=dry_run,
            yes=yes,
            by=by,
            reason=reason or why,
            as_json=as_json,
        )


def _documents(file: Path) -> dict[str, Document]:
    try:
        blocks = parse(file.read_bytes(), is_json=file.suffix.lower() == ".json")
    except Unreadable as error:
        raise StoreError(f"{file}:{error.line}:{error.column}: {error}") from None
    return {name: block.document for name, block in blocks.items()}


def bring_in(
    flags: Flags,
    documents: Mapping[str, Document],
    *,
    delete: bool,
    dry_run: bool,
    yes: bool,
    by: str,
    reason: str,
    as_json: bool,
) -> int:
    """Show what has to change so that the store has these flags, ask, and change it."""
    if delete and not documents:
        raise click.UsageError("a file without flags would delete all of them: delete them by name")
    steps = plan(flags, documents, delete=delete)
    if as_json and not (dry_run or yes):
        echo("Error: --json does not ask: add --yes or --dry-run", err=True)
        return USAGE
    changes = [_shown(flags, step) for step in steps]
    if not as_json:
        print_table(("flag", "change"), [(c["flag"], c["change"]) for c in changes])
        _show_widening(flags, steps, changes)
    if steps and not dry_run:
        if not (yes or as_json):
            click.confirm(f"Make {len(steps)} changes?", abort=True)
        try:
            carry_out(flags, steps, by=by, reason=reason)
        except FlagError as error:
            return _report(error, flags, len(steps), as_json)
    if as_json:
        print_json({"changes": changes, "written": 0 if dry_run else len(steps)})
    elif not steps:
        echo("Nothing to change.")
    elif not dry_run:
        echo(f"{len(steps)} changes written.")
    return OK


def _shown(flags: Flags, step: Step) -> dict[str, Any]:
    return {
        "flag": step.name,
        "change": difference(step.old, step.new),
        "widens": list(widening(*_rules(flags, step))),
    }


def _rules(flags: Flags, step: Step) -> tuple[Rule | None, Rule | None]:
    known = flags.view.flags.get(step.name)
    new = None if step.new is None else Rule.from_document(step.name, step.new)
    return (None if known is None else known.rule), new


def _show_widening(
    flags: Flags, steps: Sequence[Step], changes: Sequence[Mapping[str, Any]]
) -> None:
    """Name the flags that may take in more people, and why."""
    count = sum(bool(change["widens"]) for change in changes)
    # Hundreds of flags take as long as five: each is tried on fewer ids, whose number is shown.
    made_up = max(FEWEST, min(SYNTHETIC, 5 * SYNTHETIC // max(1, count)))
    for step, change in zip(steps, changes, strict=True):
        old, new = _rules(flags, step)
        if new is not None and change["widens"]:
            echo(line(f"{step.name}: {moves(old, new, flags, None, made_up)}"))
            for reason in change["widens"]:
                echo(line(f"  {reason}"))


#: What a store raises before it has changed anything.
_REFUSED = (
    InvalidFlag,
    FlagConflict,
    StoreDoubted,
    StoreBusy,
    StoreDenied,
    StoreFull,
    StoreReadOnly,
)


def _report(error: FlagError, flags: Flags, total: int, as_json: bool) -> int:
    """Say what of an import that failed was written, and how to finish it."""
    written: list[str] | None = []
    if isinstance(error, PartlyWritten):
        written = [change.name for change in error.written]
        text = "The same command writes the rest."
    elif isinstance(error, _REFUSED):
        text = f"None of {total} changes was written."
    elif isinstance(flags.store, WritingAll):
        # The answer may have been lost on its way.
        written = None
        text = f"Either all of {total} changes were written or none: the same command finishes it."
    else:
        written = None
        text = f"At most one of {total} changes was written: the same command writes the rest."
    if as_json:
        told = {"error": type(error).__name__, "message": f"{error}. {text}"}
        print_json({**told, "written": written, "of": total})
    else:
        echo(line(f"Error: {error}"), err=True)
        echo(text, err=True)
    return PROBLEMS
