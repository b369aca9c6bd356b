"""Set values in a JSON text; order, indent and the last line end stay as they are."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from confkit.errors import SaveError
from confkit.keypath import Path, join

_INDENT = re.compile(r"\A\s*\{\r?\n([ \t]+)")


def edit_json(text: str, changes: Mapping[Path, Any]) -> str:
    """The text with every path of ``changes`` at its value. Mappings merge key by key.

    :raises SaveError: for a text that is not JSON, a path that leads through a value, and a value
        that JSON has no form for.
    """

    def change(data: dict[str, Any]) -> None:
        for path, value in changes.items():
            _set(data, path, value)

    try:
        return change_json(text, change)
    except (TypeError, ValueError):
        keys = ", ".join(join(*path) for path in changes)
        raise SaveError(f"{keys}: the value has no form in JSON") from None


def change_json(text: str, change: Callable[[dict[str, Any]], None]) -> str:
    """The text after ``change`` had what it holds; layout and numbers stay as they are.

    :raises SaveError: for a text that is not JSON.
    :raises ValueError: for a value that JSON has no form for; TypeError for one of another type.
    """
    bom = "\ufeff" if text.startswith("\ufeff") else ""
    body = text.removeprefix("\ufeff")
    kept = _Numbers()
    try:
        data = json.loads(body, parse_float=kept.mark) if body.strip() else {}
    except (ValueError, RecursionError):
        raise SaveError("the file is not JSON; fix the file first") from None
    if not isinstance(data, dict):
        raise SaveError("the file is not a mapping")
    change(data)
    indent = _INDENT.match(body)
    layout: Any = indent[1] if indent else (2 if not body.strip() else None)
    made = json.dumps(data, ensure_ascii=False, allow_nan=False, indent=layout)
    made = kept.written(made)
    end = "\n" if body.endswith("\n") or not body.strip() else ""
    made += end
    return bom + (made.replace("\n", "\r\n") if "\r\n" in body else made)


class _Numbers:
    """Numbers with a point or an exponent, kept as they are written: a float has fewer digits."""

    def __init__(self) -> None:
        self._token = f"number-{uuid.uuid4().hex}-"
        self._texts: list[str] = []

    def mark(self, text: str) -> str:
        """Keep a number; what stands for it until it is written."""
        self._texts.append(text)
        return f"{self._token}{len(self._texts) - 1}"

    def written(self, made: str) -> str:
        """The JSON text with the numbers in it again."""
        return re.sub(f'"{self._token}([0-9]+)"', lambda m: self._texts[int(m[1])], made)


def _set(data: Any, path: Path, value: Any) -> None:
    here = data
    for step in path[:-1]:
        if isinstance(here, dict) and isinstance(step, str) and here.get(step) is None:
            here[step] = {}
        here = _inside(here, step, path)
    last = path[-1]
    if isinstance(here, dict) and isinstance(last, str):
        old = here.get(last)
        if isinstance(value, Mapping) and value and isinstance(old, dict):
            for name, inner in value.items():
                _set(old, (str(name),), inner)
        else:
            here[last] = value
        return
    _inside(here, last, path)
    here[last] = value


def _inside(here: Any, step: str | int, path: Path) -> Any:
    if isinstance(here, dict) and isinstance(step, str) and step in here:
        return here[step]
    if isinstance(here, list) and isinstance(step, int) and step < len(here):
        return here[step]
    raise SaveError(f"{join(*path)}: the path leads through a value of the file")
