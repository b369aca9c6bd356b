"""Runtime overrides become lines of a configuration file, checked before anything is written."""

from __future__ import annotations

import datetime as dt
import enum
import uuid
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path, PurePath
from typing import Any, NamedTuple

from confkit.errors import InvalidConfig, InvalidSource, SaveError, Shadowed
from confkit.keypath import split
from confkit.layers import Entry, Layer, bare
from confkit.resolution.snapshot import Resolution
from confkit.sources.files import File
from confkit.writeback.file import SUFFIXES, edit_file, fingerprint_of


class Saving(NamedTuple):
    """What is to be written where, and what has to come of it."""

    path: Path
    root: Path | None
    #: the runtime entries by key
    entries: Mapping[str, Entry]
    #: the settings as they are now, with these entries on top
    now: Resolution[Any]
    #: the layers that were read, and the names of all files, lowest precedence first
    read: Sequence[Layer]
    names: Sequence[str]
    #: resolves layers that were read, without these runtime entries
    resolve: Callable[[Sequence[Layer]], Resolution[Any]]


def save(saving: Saving) -> list[Layer]:
    """Write the entries into the file; give the layers with its new content.

    Nothing is written that would not count.

    :raises Shadowed: where a higher layer sets a key, naming it.
    :raises FileChanged: when somebody edited the file since it was read.
    :raises SaveError: for a secret in clear, a value without a form in the file, and one that would
        read back as another.
    """
    changes = {split(key): _plain(key, entry, saving.now) for key, entry in saving.entries.items()}
    file = File(saving.path, root=saving.root)
    held = next((layer.text for layer in saving.read if layer.name == file.name), "")
    accepted: list[Layer] = []

    def accept(text: str) -> None:
        accepted[:] = _checked(saving, file, text)

    edit_file(saving.path, changes, expect=fingerprint_of(held), accept=accept)
    return accepted


def _checked(saving: Saving, file: File, text: str) -> list[Layer]:
    """The layers with the text in the file; refused where a value would not count or differ."""
    try:
        layer = file.parse(text)
        read = with_layer(saving.read, layer, saving.names)
        found = saving.resolve(read)
        found.required()
    except (InvalidConfig, InvalidSource) as error:
        # Nothing of the message: it may quote the line of another problem.
        keys = ", ".join(sorted({problem.key or "the file" for problem in error.problems}))
        raise SaveError(f"the file would not hold: {keys}") from None
    for key in saving.entries:
        setting = found.setting(key)
        if setting is not None and setting.layer.name != layer.name:
            raise Shadowed(f"{key} is set by {setting.entry.origin}, which the file does not reach")
        if found.typed(key) != saving.now.typed(key):
            raise SaveError(f"{key} would read back as another value")
    return read


def _plain(key: str, entry: Entry, now: Resolution[Any]) -> Any:
    """The value as a file can hold it.

    :raises SaveError: for a secret in clear, and for a value without such a form.
    """
    value = bare(entry.raw)
    if now.visibility(key).secret:
        raise SaveError(
            f"{key} is a secret, and secrets are not written in clear: encrypt it with "
            "`confkit secrets encrypt` and put the ${fernet:...} that it prints into the file"
        )
    return _as_data(key, value)


def _as_data(key: str, value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value.value if isinstance(value, enum.Enum) else value
    if isinstance(value, enum.Enum):
        return _as_data(key, value.value)
    if isinstance(value, str):
        # Runtime text is final, and that of a file is not: a doubled dollar sign stands for itself.
        return value.replace("$", "$$")
    if isinstance(value, PurePath | Decimal | uuid.UUID):
        return str(value)
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(name): _as_data(key, inner) for name, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return [_as_data(key, item) for item in value]
    raise SaveError(f"{key}: a value of the type {type(value).__name__} has no form in a file")


def target(to: Path | None, files: Sequence[Path]) -> Path:
    """The file to save to: the given one, else the conventional ``config.local.*``.

    :raises SaveError: for a file that this configuration does not read.
    """
    if to is not None:
        if to.absolute() not in [path.absolute() for path in files]:
            raise SaveError(f"{to.as_posix()} is not read by this configuration")
        if to.suffix not in SUFFIXES:
            raise SaveError(f"{to.as_posix()}: values are written to YAML and JSON files only")
        return to
    local = [path for path in files if path.stem == "config.local" and path.suffix in SUFFIXES]
    if not local:
        raise SaveError("no config.local.* is read by this configuration: name a file with to=")
    return next((path for path in local if path.exists()), local[0])


def with_layer(read: Sequence[Layer], layer: Layer, names: Sequence[str]) -> list[Layer]:
    """The layers with another one for a file, at the place that the order of names gives it."""
    made = [layer if one.name == layer.name else one for one in read]
    if layer in made:
        return made
    below = names[: names.index(layer.name)] if layer.name in names else []
    at = max((i + 1 for i, one in enumerate(made) if one.name in below), default=0)
    return [*made[:at], layer, *made[at:]]
