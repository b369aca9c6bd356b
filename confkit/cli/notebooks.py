"""``confkit notebooks``: the notebooks that come with confkit, copied into a project."""

from __future__ import annotations

from pathlib import Path

import click

from confkit.cli.output import OK, echo
from confkit.near import did_you_mean
from confkit.widgets.bundled import copy_notebooks, notebooks


@click.group(name="notebooks")
def group() -> None:
    """Copy the notebooks that come with confkit into a project."""


@group.command()
@click.argument("names", nargs=-1)
@click.option(
    "--to",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("notebooks"),
    show_default=True,
    help="The directory; it is made if it is not there.",
)
@click.option("--replace", is_flag=True, help="Overwrite files that are there already.")
def copy(names: tuple[str, ...], to: Path, replace: bool) -> int:
    """Copy notebooks, all or those that are named, each with its text for version control.

    \b
    Examples:
      confkit notebooks copy
      confkit notebooks copy rollout_explorer --to analysis
    """
    known = notebooks()
    for name in names:
        if name not in known:
            hint = did_you_mean(name, known, ": ") or f"; there are {', '.join(known)}"
            raise click.UsageError(f"there is no notebook {name}{hint}")
    try:
        made = copy_notebooks(names or known, to, replace=replace)
    except FileExistsError as error:
        raise click.UsageError(f"{error} is there already: --replace overwrites it") from None
    except OSError as error:
        raise click.FileError(str(to), error.strerror) from None
    for path in made:
        echo(str(path))
    echo("Open them with: jupyter lab (pip install jupyterlab 'confkit-toolkit[widgets]')")
    return OK
