"""The text of one value with everything in it filled in, also in the lists inside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from confkit import encrypted
from confkit.encrypted import expressive
from confkit.keypath import Path, under
from confkit.layers import Entry
from confkit.resolution.containers import items, table
from confkit.resolution.interpolation import Expanded, Used, Variables
from confkit.resolution.pieces import Pieces, whole
from confkit.schema.places import is_list
from confkit.schema.shapes import Shape

#: Sources whose text may hold references; what code says is final.
_TEXT_SOURCES = frozenset({"file", "env", "argv"})
#: What text may hold in more than one piece.
_STRUCTURED = ("list", "tuple", "named", "dict", "record", "typed", "any")


class Expander:
    """One value whose variables are filled in, with what it was built from."""

    def __init__(
        self,
        variables: Callable[[], Variables],
        shape: Shape,
        key: str,
        used: list[tuple[str, Used]],
        tainted: list[str],
    ) -> None:
        self.variables, self.key = variables, key
        self.used, self.tainted = used, tainted
        self._structured = any(one.kind in _STRUCTURED for one in shape.walk())
        self._list = is_list(shape)

    def expand(self, entry: Entry, at: Path) -> Entry:
        """The entry at a path inside the value, and all inside it, filled in."""
        raw = entry.raw
        if isinstance(raw, Pieces):
            lowest = raw.lowest and self.expand(raw.lowest, at)
            changes = [(path, self.expand(e, at)) for path, e in raw.changes]
            return whole(entry, lowest, changes, at)
        if isinstance(raw, str) and expressive(raw) and entry.origin.kind in _TEXT_SOURCES:
            made = self.variables().expand(entry, listed=self._structured)
            self._learned(made, at)
            filled = entry._replace(raw=made.text)
            if self._structured and encrypted.begun(made.text):
                return self._decrypted(filled, at)
            return filled
        if isinstance(raw, list):
            return entry._replace(raw=[self._inside(one, at, i) for i, one in enumerate(raw)])
        if isinstance(raw, dict):
            table = {name: self._inside(one, at, str(name)) for name, one in raw.items()}
            return entry._replace(raw=table)
        return entry

    def _inside(self, one: Any, at: Path, step: str | int) -> Any:
        return self.expand(one, (*at, step)) if isinstance(one, Entry) else one

    def _learned(self, made: Expanded, at: Path) -> None:
        self.used.extend((under(self.key, at), one) for one in made.used)
        if made.secret:
            self.tainted.append(under(self.key, at))

    def _decrypted(self, entry: Entry, at: Path) -> Entry:
        """A text, or a list or mapping as text, with everything decrypted that is encrypted."""
        text = entry.raw.strip()
        if text.startswith("{"):
            return entry._replace(raw=self._opened(table(entry, "a mapping"), at))
        if text.startswith("[") or (self._list and not at and "," in text):
            return entry._replace(raw=[self._opened(one, at) for one in items(entry)])
        return entry._replace(raw=self._opened(entry.raw, at))

    def _opened(self, raw: Any, at: Path) -> Any:
        if isinstance(raw, Entry):
            return raw._replace(raw=self._opened(raw.raw, at))
        if isinstance(raw, list):
            return [self._opened(one, at) for one in raw]
        if isinstance(raw, dict):
            return {name: self._opened(one, at) for name, one in raw.items()}
        if isinstance(raw, str) and encrypted.begun(raw):
            made = self.variables().decrypted(raw)
            self._learned(made, at)
            return made.text
        return raw


def texts_in(entries: Iterable[Entry]) -> Iterator[Entry]:
    """The entries, also those inside others, whose text may hold something to expand."""
    for entry in entries:
        raw = entry.raw
        if isinstance(raw, str):
            if expressive(raw) and entry.origin.kind in _TEXT_SOURCES:
                yield entry
        elif isinstance(raw, Pieces):
            pieces = [raw.lowest, *(change for _, change in raw.changes)]
            yield from texts_in(piece for piece in pieces if piece is not None)
        elif isinstance(raw, list | dict):
            inside = raw if isinstance(raw, list) else raw.values()
            yield from texts_in(item for item in inside if isinstance(item, Entry))
