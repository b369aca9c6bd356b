"""TOML text becomes entries, each with its file and table.

The standard parser keeps no lines, and no well-kept one does.
"""

from __future__ import annotations

import re
import tomllib
from typing import Any

from confkit.keypath import leaves, parent
from confkit.layers import Entry, Origin
from confkit.nesting import TOO_DEEP, too_deep
from confkit.sources.reading import failure, position

_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


def read_toml(text: str, name: str) -> dict[str, Entry]:
    """The entries of a TOML document, flat, by key.

    :raises InvalidSource: with the line and column; ``name`` is how the file is shown.
    """
    try:
        root = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        place = _PLACE.search(message)
        end = position(text, len(text))
        line, column = (int(place[1]), int(place[2])) if place and place[1] else end
        if place:
            message = message[: place.start()]
        raise failure(name, f"is not TOML: {message}", "toml", line, column) from None
    except RecursionError:
        raise failure(name, TOO_DEEP, "too-deep") from None
    except ValueError:
        raise failure(name, "holds a number with too many digits", "toml") from None
    if too_deep(root):
        raise failure(name, TOO_DEEP, "too-deep")
    return {key: _entry(value, _origin(key, name)) for key, _, value in leaves(root)}


def _origin(key: str, name: str) -> Origin:
    table = parent(key)
    return Origin("file", name, note=f"in [{table}]" if table else "")


def _entry(value: Any, origin: Origin) -> Entry:
    if isinstance(value, list):
        value = [_entry(item, origin) for item in value]
    elif isinstance(value, dict):
        value = {k: _entry(item, origin) for k, item in value.items()}
    return Entry(value, origin, '"' if isinstance(value, str) else "")
