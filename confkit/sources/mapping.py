"""Values given in code, as a mapping: for tests, for embedding, and for runtime overrides."""

from __future__ import annotations

import dataclasses
import os
import sys
import warnings
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import FrameType
from typing import Any

from confkit.layers import Entry, Kind, Layer, Origin
from confkit.sources.reading import shown


class Values:
    """A mapping as a source: ``Values({"database.pool_size": 1})``, nested or dotted.

    Its text is final: nothing in it is interpolated. Its origin is the line that made it.
    """

    def __init__(self, values: Mapping[str, Any], *, name: str = "values") -> None:
        self.name = name
        self._layer = layer_of(values, name, call_site("code"))

    def read(self) -> Layer:
        """The values as they were given."""
        return self._layer

    def __repr__(self) -> str:
        return f"Values({self.name!r})"


def layer_of(values: Mapping[str, Any], name: str, origin: Origin) -> Layer:
    """The layer of a mapping, nested or dotted; every entry has the one origin."""
    entries: dict[str, Entry] = {}
    _flatten(values, "", origin, entries)
    return Layer(name, entries)


def _flatten(
    values: Mapping[str, Any], prefix: str, origin: Origin, into: dict[str, Entry]
) -> None:
    for key, value in values.items():
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            value = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
        if isinstance(value, Mapping) and value:
            _flatten(value, f"{prefix}{key}.", origin, into)
        else:
            into[f"{prefix}{key}"] = Entry(value, origin, '"', True)


def call_site(kind: Kind) -> Origin:
    """The line of the nearest caller outside confkit and the standard library's contextlib."""
    frame = _caller()
    return Origin(kind, _shown(frame.f_code.co_filename), frame.f_lineno)


def warn_caller(text: str) -> None:
    """Warn at that line, however deep inside confkit the reason is found."""
    frame = _caller()
    seen = frame.f_globals.setdefault("__warningregistry__", {})
    file, line = frame.f_code.co_filename, frame.f_lineno
    warnings.warn_explicit(text, FutureWarning, file, line, registry=seen)


def _caller() -> FrameType:
    frame = sys._getframe(1)  # noqa: SLF001 - the only way to a caller without building a traceback
    while frame.f_back is not None and _inside(frame.f_code.co_filename):
        frame = frame.f_back
    return frame


_PACKAGE = str(Path(__file__).parent.parent) + os.sep
_PLUMBING = ("contextlib.py", "functools.py")


@lru_cache(maxsize=1024)
def _inside(filename: str) -> bool:
    return filename.startswith(_PACKAGE) or filename.endswith(_PLUMBING)


@lru_cache(maxsize=1024)
def _shown(filename: str) -> str:
    return shown(Path(filename)) if not filename.startswith("<") else filename
