"""Lists, tuples, sets and mappings: their items are read one by one, all faults at once."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from confkit.layers import Entry
from confkit.resolution.scalars import Coercer, Fault, Refused, unfit
from confkit.resolution.woven import is_answer, veiled


def child(item: Any, parent: Entry) -> Entry:
    """The entry of an item; what is inside a JSON text has the origin of the text."""
    if isinstance(item, Entry):
        return item
    # JSON text inside: quoted there, so that a text "5" stays text for a field of any type.
    quote = '"' if isinstance(item, str) else ""
    return Entry(item, parent.origin, quote, parent.literal, parent.base)


def inside(reader: Coercer, item: Entry, name: str | int, faults: list[Fault]) -> Any:
    """The value of an item; what is wrong with it goes to ``faults``, with its place."""
    try:
        return reader(item)
    except Refused as error:
        faults += [f._replace(path=(name, *f.path), entry=f.entry or item) for f in error.faults]
        return None


def from_json(document: str, what: str) -> Any:
    """The value of a JSON text."""
    import json  # not every program has JSON in its settings

    try:
        return json.loads(document)
    except (ValueError, RecursionError):
        raise Refused(f"is not {what} in JSON") from None


def items(entry: Entry) -> list[Entry]:
    """The items of a list: of a source's own list, of JSON, or of text parted by commas."""
    raw = entry.raw
    if isinstance(raw, str):
        text, unveiled = veiled(raw)
        bare = text.strip()
        if not bare.startswith("["):
            parts = map(unveiled, _parted(bare)) if bare else ()
            return [Entry(part, entry.origin, "", entry.literal, entry.base) for part in parts]
        raw = unveiled(from_json(bare, "a list"))
    if isinstance(raw, list | tuple | deque | AbstractSet):
        return [child(item, entry) for item in raw]
    raise unfit(raw, "a list (JSON, or values parted by commas)")


def _parted(text: str) -> list[str]:
    if '"' not in text:
        return [part.strip() for part in text.split(",")]
    import csv  # quotes are rare

    try:
        (row,) = csv.reader([text], skipinitialspace=True, strict=True)
    except (csv.Error, ValueError):
        raise Refused('is not a list: a quoted item is "...", and a comma follows it') from None
    return [part.strip() for part in row]


def sequence(made: Callable[[Iterable[Any]], Any], reader: Coercer) -> Coercer:
    """Any number of items of one type, in a container that ``made`` builds."""

    def read(entry: Entry) -> Any:
        faults: list[Fault] = []
        values = [inside(reader, item, i, faults) for i, item in enumerate(items(entry))]
        if faults:
            raise Refused(*faults)
        try:
            return made(values)
        except TypeError:
            raise Refused("has items that cannot be in a set") from None

    return read


def places(readers: tuple[Coercer, ...]) -> Coercer:
    """A tuple with a type for each of its places."""

    def read(entry: Entry) -> Any:
        found = items(entry)
        if len(found) != len(readers):
            raise Refused(f"has {len(found)} items, and {len(readers)} are expected")
        faults: list[Fault] = []
        made = tuple(
            inside(reader, item, i, faults)
            for i, (reader, item) in enumerate(zip(readers, found, strict=True))
        )
        if faults:
            raise Refused(*faults)
        return made

    return read


def table(entry: Entry, what: str) -> dict[Any, Any]:
    """The names and raw values of a mapping: a source's own, or a JSON object."""
    raw = entry.raw
    if isinstance(raw, str) and raw.strip().startswith("{"):
        # An answer that is the whole text can be nothing but a JSON object here.
        text, unveiled = veiled(str(raw) if is_answer(raw) else raw)
        raw = unveiled(from_json(text, what))
    if isinstance(raw, Mapping):
        return dict(raw)
    if isinstance(raw, str) and raw:
        raise Refused(f"is not {what}: as text, write a JSON object")
    raise unfit(raw, what)


def mapping(key: Coercer, value: Coercer) -> Coercer:
    """Names of one type with values of one type."""

    def read(entry: Entry) -> Any:
        faults: list[Fault] = []
        made: dict[Any, Any] = {}
        for name, raw in table(entry, "a mapping").items():
            item = child(raw, entry)
            place = name if isinstance(name, str) else str(name)
            try:
                known = key(Entry(name, item.origin))
            except Refused as error:
                faults += [
                    f._replace(why=f"its name {f.why}", path=(place,), entry=item)
                    for f in error.faults
                ]
                continue
            if known in made:
                faults.append(Fault("is the same name as another one", (place,), item))
            made[known] = inside(value, item, place, faults)
        if faults:
            raise Refused(*faults)
        return made

    return read
