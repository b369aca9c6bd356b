"""A directory of secrets, one file a field, as Docker and Kubernetes mount them."""

from __future__ import annotations

import os
from pathlib import Path

from confkit.errors import InvalidSource, Problem
from confkit.layers import Entry, Layer, Origin, shown
from confkit.sources.names import whole_prefix
from confkit.sources.reading import MAX_BYTES, decode, failure, read_bytes, refuse_writable
from confkit.unseen import hiding


class Directory:
    """The files of one directory as variables: ``/run/secrets/database_url`` is ``DATABASE_URL``.

    The content is the value, without the line end behind it; ``${NAME}`` in it is not looked for.
    Files whose names are those of no field are ignored, and so are hidden files, such as those
    by which Kubernetes swaps a whole directory. A directory, a pipe, a link to nothing or a file
    that every user may write to is a problem where it has the name of a field. Content that is no
    text is for fields of a type that reads bytes itself: ``Annotated[bytes, Read(bytes)]``.

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

    @hiding(InvalidSource)
    def read(self) -> Layer:
        """The content of every file now; a :class:`Problem` in its place where it has none.

        :raises InvalidSource: for a directory that is not there, cannot be listed, or can be
            written to by every user.
        """
        if self.optional and not os.path.lexists(self.path):
            return Layer(self.name, {}, "variables", prefix=self.prefix)
        if not self.path.is_dir():
            raise failure(self.name, "there is no such directory", "missing-file")
        try:
            refuse_writable(self.path.stat().st_mode, self.name)
            files = sorted(p for p in self.path.iterdir() if p.name[0] != ".")
        except OSError as error:
            message = f"the directory cannot be listed: {error.strerror}"
            raise failure(self.name, message, "unreadable") from None
        entries: dict[str, Entry] = {}
        for file in files:
            name = file.name.upper().replace(".", "__").replace("-", "_")
            if name.startswith(self.prefix):
                name = name[len(self.prefix) :]
                entry = self._entry(file)
                other = entries.get(name)
                entries[name] = entry if other is None else _twice(entry, other)
        return Layer(self.name, entries, "variables", base=self.path, prefix=self.prefix)

    def _entry(self, file: Path) -> Entry:
        place = f"{self.name}/{file.name}"
        origin = Origin("file", place)
        try:
            data = read_bytes(file, place, MAX_BYTES, trusted=True)
        except InvalidSource as error:
            return Entry(error.problems[0], origin)
        if data is None:
            return Entry(Problem("", "is not there any more", origin, code="unreadable"), origin)
        return Entry(_text(data, place), origin, '"', literal=True)

    def __repr__(self) -> str:
        return f"Directory({self.name!r})"


def _twice(entry: Entry, other: Entry) -> Entry:
    hint = "keep one of the files"
    message = "is set by two files whose names mean the same"
    problem = Problem("", message, entry.origin, hint, "set-twice", others=(other.origin,))
    return Entry(problem, entry.origin)


def _text(data: bytes, name: str) -> str | bytes:
    """Text without the one line end that most editors and tools put behind it."""
    try:
        text = decode(data, name)
    except InvalidSource:
        return data
    return text.removesuffix("\n").removesuffix("\r")
