"""A directory of secrets, one file a field, as Docker and Kubernetes mount them."""

from __future__ import annotations

import os
from pathlib import Path

from confkit.errors import InvalidSource, Problem
from confkit.layers import Entry, Layer, Origin, shown
from confkit.sources.names import whole_prefix
from confkit.sources.reading import MAX_BYTES, decode, failure, read_bytes


class Directory:
    """The files of one directory as variables: ``/run/secrets/database_url`` is ``DATABASE_URL``.

    The content is the value, without the line end behind it; ``${NAME}`` in it is not looked for.
    Files whose names are those of no field are ignored, and so are hidden files, such as those
    by which Kubernetes swaps a whole directory. Content that is no text is for fields of a type
    that reads bytes itself: ``Annotated[bytes, Read(bytes)]``.

    :param prefix: only names that start with it are read, without it; in upper case, as in
        ``Environ("SHOP_")``.
    :param optional: a missing directory is an empty layer instead of an error.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        prefix: str = "",
        *,
        optional: bool = False,
        root: Path | None = None,
    ) -> None:
        self.path = Path(path)
        self.prefix = whole_prefix(prefix)
        self.optional = optional
        self.name = shown(self.path, root)

    @property
    def paths(self) -> tuple[Path, ...]:
        """The directory, which is watched with the files in it."""
        return (self.path,)

    def _files(self) -> list[Path]:
        try:
            return sorted(p for p in self.path.iterdir() if p.name[0] != "." and p.is_file())
        except OSError:
            return []

    def read(self) -> Layer:
        """The content of every file now.

        :raises InvalidSource: for a directory that is not there, and files that cannot be read.
        """
        if not self.path.is_dir():
            if self.optional and not self.path.exists():
                return Layer(self.name, {}, "variables", prefix=self.prefix)
            raise failure(self.name, "there is no such directory", "missing-file")
        entries: dict[str, Entry] = {}
        problems: list[Problem] = []
        for file in self._files():
            name = file.name.upper().replace(".", "__").replace("-", "_")
            if not name.startswith(self.prefix):
                continue
            place = f"{self.name}/{file.name}"
            try:
                data = read_bytes(file, place, MAX_BYTES)
            except InvalidSource as error:
                problems += error.problems
                continue
            if data is not None:
                raw = _text(data, place)
                entries[name[len(self.prefix) :]] = Entry(
                    raw, Origin("file", place), '"', literal=True
                )
        layer = Layer(self.name, entries, "variables", base=self.path, prefix=self.prefix)
        if problems:
            raise InvalidSource(problems, layer)
        return layer

    def __repr__(self) -> str:
        return f"Directory({self.name!r})"


def _text(data: bytes, name: str) -> str | bytes:
    """Text without the one line end that most editors and tools put behind it."""
    try:
        text = decode(data, name)
    except InvalidSource:
        return data
    return text.removesuffix("\n").removesuffix("\r")
