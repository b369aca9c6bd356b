"""Which environment is meant: one name, for the files and for the field that has it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from confkit.errors import InvalidConfig, InvalidSource, Problem
from confkit.layers import Entry, Layer, Origin, Source

DEFAULT_ENVIRONMENT = "development"
#: The field that has the name, where the settings have it.
FIELD = "environment"
#: An environment's name is part of file names, so it can hold nothing that walks directories.
_NAME = re.compile(r"[A-Za-z0-9_-]+\Z")


class Chosen(NamedTuple):
    """The environment that holds, and what chose it; None where nothing did."""

    name: str
    origin: Origin | None


def is_name(text: str) -> bool:
    """Whether a text can be the name of an environment."""
    return _NAME.match(text) is not None


def choose(
    given: str | None,
    environ: Mapping[str, str],
    settings: str,
    *,
    root: Path | None = None,
    prefix: str = "",
    above: Sequence[Source] = (),
    default: str = DEFAULT_ENVIRONMENT,
) -> Chosen:
    """The argument, else the command line, the variable, ``.env``, and the field's default.

    :raises InvalidConfig: for a name that could walk directories.
    """
    name = f"{prefix}ENVIRONMENT"
    found: Chosen | None = None
    if given is not None:
        found = Chosen(given, Origin("code", "environment argument"))
    elif (option := _option(above)) is not None:
        found = option
    elif environ.get(name):
        found = Chosen(environ[name], Origin("env", name))
    elif root is not None and (entry := _in_env_file(root, name)) is not None:
        found = Chosen(str(entry.raw), entry.origin)
    if found is None:
        return Chosen(default, None)
    if not is_name(found.name):
        message = "the name of an environment holds letters, digits, - and _ only"
        problem = Problem(FIELD, message, found.origin, code="environment-name")
        raise InvalidConfig(settings, [problem])
    return found


def _option(above: Sequence[Source]) -> Chosen | None:
    for source in above:
        try:
            layer = source.read()
        except InvalidSource as error:
            layer = error.partial or Layer("")
        entry = layer.entries.get(FIELD)
        if entry is not None and isinstance(entry.raw, str):
            return Chosen(entry.raw, entry.origin)
    return None


def _in_env_file(root: Path, name: str) -> Entry | None:
    if not (root / ".env").is_file():
        return None
    from confkit.sources.dotenv import DotEnv  # only where there is one

    try:
        entry = DotEnv(root / ".env", optional=True, root=root).read().entries.get(name)
    except InvalidSource:
        return None  # reported when the file is read as a layer
    if entry is None or not isinstance(entry.raw, str) or not entry.raw or "$" in entry.raw:
        return None
    return entry


class Field:
    """The field's value as a source, above all others: it is the name that chose the files."""

    def __init__(self, chosen: Chosen) -> None:
        self.chosen = chosen

    def read(self) -> Layer:
        """The name, with the origin of what chose it."""
        if self.chosen.origin is None:
            return Layer("environment name")
        entry = Entry(self.chosen.name, self.chosen.origin, '"', True)
        return Layer("environment name", {FIELD: entry})


class Agreeing:
    """A file that may not set the field to another name than the one that chose the files."""

    def __init__(self, source: Source, chosen: Chosen, variable: str) -> None:
        self.source, self.chosen, self.variable = source, chosen, variable

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files to watch."""
        return tuple(getattr(self.source, "paths", ()))

    def read(self) -> Layer:
        """What the file sets.

        :raises InvalidSource: as the file's own source, and for another name in the field.
        """
        layer = self.source.read()
        key = self.variable if layer.spelling == "variables" else FIELD
        entry = layer.entries.get(key)
        if entry is None or str(entry.raw) == self.chosen.name:
            return layer
        by = f" by {self.chosen.origin}" if self.chosen.origin is not None else ""
        message = f"names another environment than {self.chosen.name}, which was chosen{by}"
        hint = "a file that is chosen by the environment cannot choose it: remove the line"
        problem = Problem(FIELD, message, entry.origin, hint, "other-environment")
        raise InvalidSource([problem], layer)


def refuse_change(settings: str, sources: Sequence[Source], layer: Layer) -> None:
    """Refuse an override of the field: the files that were read belong to the chosen name.

    :raises InvalidConfig: with the way to choose another one.
    """
    if FIELD in layer.entries and any(isinstance(source, Field) for source in sources):
        message = "cannot be overridden: it chose the files that were read"
        hint = "load again with environment=..., in tests override_config(environment=...)"
        origin = layer.entries[FIELD].origin
        raise InvalidConfig(settings, [Problem(FIELD, message, origin, hint, "environment-fixed")])
