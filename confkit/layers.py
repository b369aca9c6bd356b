"""Layers: what each source said, stacked. The last one to name a key wins.

A layer is a flat table from key to entry, and an entry is a raw value with its origin.
Nothing is merged in place: a :class:`Stack` keeps every layer whole, so that what a value
shadows stays on record, and "where does it come from" is a look-up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple, Protocol, runtime_checkable

from confkit.keypath import within

Kind = Literal["file", "env", "argv", "override", "default", "code"]
#: How a source spells its keys: already dotted, as environment variables, or as options.
Spelling = Literal["keys", "variables", "options"]


def printable(text: str) -> str:
    """Escape what is not printable, so that no text can forge lines, colours or its own order."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


class Origin:
    """Where a raw value stands, spelled the way its source spells it.

    ``str(origin)`` is what a person can search for: ``config/production.yaml:7:14``,
    ``env DATABASE_POOL_SIZE``, ``--database.pool-size``, ``override at tests/test_x.py:31``,
    ``default Database.pool_size``. ``line`` and ``column`` count from 1.
    """

    __slots__ = ("column", "kind", "line", "name", "note")

    def __init__(
        self,
        kind: Kind,
        name: str,
        line: int | None = None,
        column: int | None = None,
        note: str = "",
    ) -> None:
        self.kind = kind
        self.name = name
        self.line = line
        self.column = column
        self.note = note

    def __str__(self) -> str:
        text = self.name if self.kind in ("file", "argv", "code") else f"{self.kind} {self.name}"
        if self.kind == "override":
            text = f"override at {self.name}"
        if self.line is not None:
            text += f":{self.line}"
            if self.column is not None:
                text += f":{self.column}"
        return printable(f"{text} ({self.note})" if self.note else text)

    @property
    def place(self) -> str:
        """``tests/test_x.py:31``: the name, and the line where there is one."""
        return self.name if self.line is None else f"{self.name}:{self.line}"

    def __repr__(self) -> str:
        return f"<Origin {self}>"

    def _identity(self) -> tuple[object, ...]:
        return (self.kind, self.name, self.line, self.column, self.note)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Origin) and self._identity() == other._identity()

    def __hash__(self) -> int:
        return hash(self._identity())


class Entry(NamedTuple):
    """One raw value and its ``origin``, the place where it was set.

    ``raw`` is text from text sources, a native value from JSON, TOML and code; inside it, a
    sequence is a list of entries and a mapping inside a sequence a dict of entries.
    ``quote`` is the quotation mark the value stood in (``'``, ``"``, ``|`` for a YAML block),
    empty for a bare one: single quotes switch ``${NAME}`` off, and only a bare ``null`` is null.
    ``literal`` is true where the source's text is final and no ``${NAME}`` is looked for.
    ``base`` is the directory that a relative path in it starts from, where that is a file's.
    ``append`` is true where its items follow those of the layers below.
    """

    raw: Any
    origin: Origin
    quote: str = ""
    literal: bool = False
    base: Path | None = None
    append: bool = False

    def __repr__(self) -> str:
        return f"<Entry at {self.origin}>"  # without the value: it may be a secret


def bare(raw: Any) -> Any:
    """A raw value without the entries inside it."""
    if isinstance(raw, Entry):
        return bare(raw.raw)
    if isinstance(raw, list):
        return [bare(item) for item in raw]
    if isinstance(raw, dict):
        return {key: bare(item) for key, item in raw.items()}
    return raw


@dataclass(frozen=True, slots=True)
class Layer:
    """What one source contained at one moment.

    ``name`` is what explanations show. ``entries`` are the values: by key, or by the name of a
    variable or an option, as ``spelling`` tells. For a file, ``base`` is its directory and
    ``text`` what stood in it, for the lines that errors show; it is never printed whole. For
    variables, ``prefix`` is what was cut off their names, and ``whole`` all variables of the
    source by their whole names, where it cuts any off; ``environment`` is the whole process
    environment, for the layer that is a part of it. ``instances`` are dataclass instances that
    code gave, by key: their fields are among the entries, and their class has to be the right one.
    """

    name: str
    entries: Mapping[str, Entry] = field(default_factory=dict)
    spelling: Spelling = "keys"
    base: Path | None = None
    text: str = ""
    environment: Mapping[str, Entry] | None = None
    prefix: str = ""
    whole: Mapping[str, Entry] | None = None
    instances: Mapping[str, Entry] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"<Layer {self.name}: {len(self.entries)} entries>"


def same_layer(one: Layer, other: Layer) -> bool:
    """Whether two reads of a source found the same."""
    return one is other or (
        one.name == other.name and one.text == other.text and one.entries == other.entries
    )


def as_one(runtime: Mapping[str, Layer]) -> list[Layer]:
    """All that was set at runtime as one layer; none where nothing was."""
    entries: dict[str, Entry] = {}
    for layer in runtime.values():
        for key, entry in layer.entries.items():
            # What is set later takes the place of what is above and below it.
            for other in [k for k in entries if within(k, key) or within(key, k)]:
                if entry.raw != {} or other == key:
                    del entries[other]
            entries[key] = entry
    instances = {k: e for layer in runtime.values() for k, e in layer.instances.items()}
    return [Layer("runtime", entries, instances=instances)] if entries else []


@runtime_checkable
class Source(Protocol):
    """Anything that can be read into a layer.

    A source that stands on files also has ``paths``, the files to watch.
    :raises confkit.InvalidSource: with every problem found and what could be read all the same.
    """

    def read(self) -> Layer: ...


class Watchable(Source, Protocol):
    """A source that stands on files."""

    @property
    def paths(self) -> tuple[Path, ...]: ...


class _Failed:
    """Stands for a value that there is a problem about."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "FAILED"


FAILED: Any = _Failed()


class Setting(NamedTuple):
    """What one layer sets under one key."""

    layer: Layer
    key: str
    entry: Entry


class Stack:
    """Layers on top of each other, lowest first; each stays whole."""

    __slots__ = ("layers",)

    def __init__(self, layers: tuple[Layer, ...]) -> None:
        self.layers = layers

    @property
    def prefix(self) -> str:
        """What the names of variables start with, in the highest layer that has any."""
        return next((layer.prefix for layer in reversed(self.layers) if layer.prefix), "")

    def sets(self, key: str) -> tuple[Setting, ...]:
        """What every layer sets at ``key``, below it or above it; lowest first."""
        return tuple(
            Setting(layer, k, entry)
            for layer in self.layers
            for k, entry in layer.entries.items()
            if within(k, key) or within(key, k)
        )

    def __iter__(self) -> Iterator[Layer]:
        return iter(self.layers)


def stack(*layers: Layer | Stack) -> Stack:
    """Stack ``layers``, lowest precedence first: the last one that sets a key wins.

    What it shadows stays on record. A stack among them counts as its layers.
    """
    flat: list[Layer] = []
    for layer in layers:
        flat.extend(layer.layers if isinstance(layer, Stack) else (layer,))
    return Stack(tuple(flat))


def shown(path: Path, root: Path | None = None) -> str:
    """The path as origins print it: relative to ``root``, else to the working directory."""
    absolute = path.absolute()
    for base in (root, Path()):
        if base is not None and absolute.is_relative_to(base.absolute()):
            return absolute.relative_to(base.absolute()).as_posix()
    return path.as_posix()
