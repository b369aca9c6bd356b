"""The notebooks that come with confkit, and copying them into a project."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from confkit.atomic import written

#: Where they are in an installed package, and in a checkout.
_PLACES = (Path(__file__).parent / "notebooks", Path(__file__).parents[2] / "notebooks")


def notebooks() -> Mapping[str, Path]:
    """The ``.ipynb`` files by name; each has a ``.py`` of the same name beside it."""
    place = next((one for one in _PLACES if one.is_dir()), _PLACES[0])
    return {path.stem: path for path in sorted(place.glob("*.ipynb"))}


def copy_notebooks(names: Iterable[str], to: Path, *, replace: bool = False) -> list[Path]:
    """Copy notebooks with their texts into a directory, which is made if it is not there.

    :param replace: overwrite files that are there already.
    :returns: the files that were written.
    :raises KeyError: for a name that is none of :func:`notebooks`.
    :raises FileExistsError: for a file that is there already; nothing is written then.
    """
    known = notebooks()
    files = [file for name in names for file in (known[name], known[name].with_suffix(".py"))]
    there = [to / file.name for file in files if (to / file.name).exists()]
    if there and not replace:
        raise FileExistsError(str(there[0]))
    to.mkdir(parents=True, exist_ok=True)
    for file in files:
        with written(to / file.name) as beside:
            beside.write_bytes(file.read_bytes())
    return [to / file.name for file in files]
