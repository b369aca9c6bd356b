"""Runtime overrides become lines of a configuration file, checked before anything is written."""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import uuid
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path, PurePath
from typing import Any, NamedTuple

from confkit.errors import (
    FileChanged,
    InvalidConfig,
    InvalidSource,
    Problem,
    SaveError,
    Shadowed,
)
from confkit.keypath import canonical, name_of, split
from confkit.layers import Entry, Layer, as_one, bare, same_layer
from confkit.redaction.values import redact
from confkit.resolution.pipeline import Pipeline
from confkit.resolution.snapshot import Resolution
from confkit.sources.files import File
from confkit.unseen import Unseen
from confkit.writeback.file import SUFFIXES, edit_file, fingerprint_of


class Layers(NamedTuple):
    """What a configuration is made of while it saves."""

    #: what was read
    read: Sequence[Layer]
    #: what was set and is to be written, and what was set and stays; each by its key
    chosen: Mapping[str, Layer]
    rest: Mapping[str, Layer]
    #: the names of all files, lowest precedence first
    names: Sequence[str]


def parted(
    runtime: Mapping[str, Layer], keys: Iterable[str] | None
) -> tuple[dict[str, Layer], dict[str, Layer]]:
    """What was set: the part that is to be written (None: all of it), and the rest.

    :raises SaveError: for a key that was not set.
    """
    if isinstance(keys, str):
        raise TypeError("keys is a list of keys")
    wanted = list(runtime) if keys is None else [canonical(key) for key in keys]
    for key in wanted:
        if key not in runtime:
            raise SaveError(f"{key} was not set here: config.set({key!r}, ...) first")
    chosen = {key: runtime[key] for key in wanted}
    return chosen, {key: layer for key, layer in runtime.items() if key not in chosen}


def refuse_changed(
    read: Sequence[Layer], seen: Sequence[Layer], now: Sequence[Layer], problems: Sequence[Problem]
) -> None:
    """Refuse to decide on what the sources no longer hold.

    :param read: what the settings are made of; ``seen``: what was read last; ``now``: just now.
    :raises FileChanged: naming the first source that holds something else.
    """
    if read is not seen:
        raise FileChanged("the settings were rolled back, and files hold others: reload first")
    if problems:
        raise FileChanged(f"{problems[0].origin} changed since it was read: reload first")
    before, after = ({one.name: one for one in each} for each in (seen, now))
    for name in {**before, **after}:
        if name not in before or name not in after or not same_layer(before[name], after[name]):
            raise FileChanged(f"{name} changed since it was read: reload first")


def save(path: Path, root: Path | None, layers: Layers, pipeline: Pipeline) -> list[Layer]:
    """Write what is chosen into the file; give the layers with its new content.

    Nothing is written that would not count.

    :raises Shadowed: where a higher layer sets a key, naming it.
    :raises FileChanged: when somebody edited the file since it was read.
    :raises SaveError: for a secret in clear, a value without a form in the file, and one that would
        read back as another.
    """
    # Without the overrides in force, which end.
    now = pipeline.resolve([*layers.read, *as_one({**layers.rest, **layers.chosen})])
    entries = {k: e for layer in layers.chosen.values() for k, e in layer.entries.items()}
    changes = {split(key): plain_value(key, entry, now) for key, entry in entries.items()}
    file = File(path, root=root)
    held = next((layer.text for layer in layers.read if layer.name == file.name), "")
    accepted: list[Layer] = []

    def accept(text: str) -> None:
        accepted[:] = _read_back(file, text, layers, pipeline, now, entries)

    edit_file(path, changes, expect=fingerprint_of(held), accept=accept, root=root)
    return accepted


def _read_back(
    file: File,
    text: str,
    layers: Layers,
    pipeline: Pipeline,
    now: Resolution[Any],
    keys: Iterable[str],
) -> list[Layer]:
    """The layers with the text in the file; refused where a value would not count or differ."""
    try:
        layer = file.parse(text)
        read = with_layer(layers.read, layer, layers.names)
        found = pipeline.resolve([*read, *as_one(layers.rest)])
        found.required()
    except (InvalidConfig, InvalidSource) as error:
        # Nothing of the message: it may quote the line of another problem.
        broken = ", ".join(sorted({problem.key or "the file" for problem in error.problems}))
        raise SaveError(f"the file would not hold: {broken}") from None
    for key in keys:
        setting = found.setting(key)
        if setting is not None and setting.layer.name != layer.name:
            raise Shadowed(f"{key} is set by {setting.entry.origin}, which the file does not reach")
        if found.typed(key) != now.typed(key):
            raise SaveError(f"{key} would read back as another value")
    return read


def plain_value(key: str, entry: Entry, now: Resolution[Any]) -> Any:
    """The value as a file can hold it.

    :raises SaveError: for a secret in clear, and for a value without such a form.
    """
    if now.visibility(key).secret:
        raise SaveError(
            f"{key} is a secret, and secrets are not written in clear: encrypt it with "
            "`confkit secrets encrypt` and put the line that it prints into the file"
        )
    data = Unseen({"": _as_data(key, bare(entry.raw))})
    if not now.visibility(key).public and redact(data[""], name=name_of(key)) != data[""]:
        raise SaveError(
            f"{key} looks like a secret, which is not written in clear: give the field the type "
            "Secret, or the mark Public if everybody may read it"
        )
    return data[""]


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
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        value = {f.name: getattr(value, f.name) for f in dataclasses.fields(value) if f.init}
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
