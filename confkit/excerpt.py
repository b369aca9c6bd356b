"""The line of a file with a caret below the value that is wrong."""

from __future__ import annotations

import re
from functools import lru_cache

from confkit.layers import Layer, Origin
from confkit.tables import width

#: What may stand in front of a value on its line and still name this key only.
_KEY_ONLY = re.compile(r"[\s\-]*[\"']?[\w.\- ]*[\"']?\s*[:=]?\s*[\"']?\Z")


@lru_cache(maxsize=4)
def _lines(text: str) -> list[str]:
    return text.split("\n")


def excerpt(layer: Layer, origin: Origin, value: str) -> str:
    """Two lines: the place in the file, and the caret; empty where the source has no text.

    Only this key and ``value``, as it may be shown, are printed: what else stands on the line may
    be a secret.
    """
    line, column = origin.line, origin.column
    if not layer.text or line is None or column is None or origin.note:
        return ""
    lines = _lines(layer.text)
    if line > len(lines):
        return ""
    before = lines[line - 1][: column - 1]
    # A tab is as wide as the terminal likes, and the caret has to stand below the value.
    before = re.sub(r"\s", " ", before) if _KEY_ONLY.match(before) else "… "
    gutter = f"{line} | "
    return f"{gutter}{before}{value}\n{' ' * width(gutter + before)}^"
