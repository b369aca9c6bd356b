"""Configuration files: YAML, JSON and TOML, by their ending."""

from __future__ import annotations

import os
from pathlib import Path

from confkit.errors import InvalidSource, Problem
from confkit.keypath import canonical, within
from confkit.layers import Entry, Layer, shown
from confkit.sources.reading import failure, read_text, without_secret
from confkit.unseen import hiding

#: The endings that are read, in the order in which files of one name are stacked.
SUFFIXES = (".yaml", ".yml", ".json", ".toml")


class File:
    """A YAML, JSON or TOML file as a source.

    ``optional`` files may be missing; ``root`` is the directory that origins are shown relative
    to. ``table`` reads one table of the file, and leaves the others alone:
    ``File("pyproject.toml", table="tool.myapp")``; an optional file may lack it.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        table: str = "",
        optional: bool = False,
        root: Path | None = None,
    ) -> None:
        self.path = Path(path)
        self.table = canonical(table) if table else ""
        self.optional = optional
        self.name = shown(self.path, root)
        if self.path.suffix not in SUFFIXES:
            raise ValueError(f"{self.name}: the name ends in none of {', '.join(SUFFIXES)}")

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files to watch."""
        return (self.path,)

    @hiding(InvalidSource)
    def read(self) -> Layer:
        """What the file contains now.

        :raises InvalidSource: when it cannot be read or parsed.
        """
        text = read_text(self.path, self.name)
        if text is None:
            if self.optional:
                return Layer(self.name)
            raise failure(self.name, "there is no such file", "missing-file")
        return self.parse(text)

    @hiding(InvalidSource)
    def parse(self, text: str) -> Layer:
        """The layer of a text, as if the file held it.

        :raises InvalidSource: when it cannot be parsed.
        """
        try:
            entries = self._parse(text)
        except InvalidSource as error:
            partial = Layer(self.name, {}, base=self.path.parent, text=text)
            problems = [p._replace(message=without_secret(p.message)) for p in error.problems]
            raise InvalidSource(problems, partial) from None
        if self.table:
            entries = self._one_table(entries)
        return Layer(self.name, entries, base=self.path.parent, text=text)

    def _one_table(self, entries: dict[str, Entry]) -> dict[str, Entry]:
        """The entries below the table, by their keys inside it."""
        whole = entries.get(self.table)
        if whole is not None and whole.raw not in (None, {}):
            raise InvalidSource(
                [Problem(self.table, "is no table", whole.origin, code="not-a-mapping")]
            )
        inside = {
            key[len(self.table) + 1 :]: entry
            for key, entry in entries.items()
            if key != self.table and within(key, self.table)
        }
        if not inside and whole is None and not self.optional:
            raise failure(self.name, f"there is no table {self.table}", "missing-table")
        return inside

    def _parse(self, text: str) -> dict[str, Entry]:
        # One parser is imported per program, mostly: each only when a file needs it.
        if self.path.suffix == ".json":
            from confkit.sources.json import read_json

            return read_json(text, self.name)
        if self.path.suffix == ".toml":
            from confkit.sources.toml import read_toml

            return read_toml(text, self.name)
        from confkit.sources.yaml import read_yaml

        return read_yaml(text, self.name)

    def __repr__(self) -> str:
        return f"File({self.name!r})"
