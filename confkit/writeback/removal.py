"""Take keys out of a YAML or JSON text; every other line stays as it is.

A mapping that is left without keys goes too: an empty one would be a value of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from confkit.errors import SaveError
from confkit.keypath import Path, join
from confkit.writeback.json_edit import change_json
from confkit.writeback.yaml_edit import read_text
from confkit.writeback.yaml_meaning import plain
from confkit.yaml_events import Document, MappingNode, Node


def without_json(text: str, paths: Iterable[Path]) -> str:
    """The JSON text without the values at ``paths``.

    :raises SaveError: for a path that the file does not set, and a text that is not JSON.
    """

    def change(data: dict[str, Any]) -> None:
        for path in paths:
            _take_out(data, path)

    return change_json(text, change)


def without_yaml(text: str, paths: Iterable[Path]) -> str:
    """The YAML text without the lines of the values at ``paths``.

    :raises SaveError: for a path that the file does not set, and for one inside braces.
    """
    for path in paths:
        document = read_text(text)
        wanted = {} if document is None else plain(document.root)
        _take_out(wanted, path)
        edited = _without_lines(text, document, path)
        found = read_text(edited)
        if ({} if found is None else plain(found.root)) != wanted:
            raise SaveError(
                f"{join(*path)}: edit this file by hand: the result would not read back"
            )
        text = edited
    return text


def _take_out(data: Any, path: Path) -> None:
    """Remove what is at a path, and the mappings that this leaves empty."""
    around = [data]
    for step in path[:-1]:
        around.append(around[-1].get(step) if isinstance(around[-1], dict) else None)
    if not isinstance(around[-1], dict) or path[-1] not in around[-1]:
        raise SaveError(f"{join(*path)} is not set in this file")
    for depth in range(len(path) - 1, -1, -1):
        del around[depth][path[depth]]
        if around[depth]:
            return


def _without_lines(text: str, document: Document | None, path: Path) -> str:
    assert document is not None  # _take_out found the path in it
    trail: list[tuple[MappingNode, int]] = []
    node: Node = document.root
    for step in path:
        if not isinstance(node, MappingNode) or node.flow:
            raise SaveError(f"{join(*path)}: edit this file by hand: it is inside braces")
        at = next(i for i, (key, _) in enumerate(node.pairs) if key.value == step)
        trail.append((node, at))
        node = node.pairs[at][1]
    while len(trail) > 1 and len(trail[-1][0].pairs) == 1:
        trail.pop()  # the mapping holds nothing else, and goes too
    start = trail[-1][0].pairs[trail[-1][1]][0].start
    after = [one.pairs[at + 1][0].start.line for one, at in trail if at + 1 < len(one.pairs)]
    lines = text.splitlines(keepends=True)
    last = after[-1] if after else len(lines)
    while last > start.line + 1 and _remark(lines[last - 1], start.column):
        last -= 1
    return "".join([*lines[: start.line], *lines[last:]])


def _remark(line: str, column: int) -> bool:
    """Whether a line is empty, or a comment on what follows rather than on what goes."""
    text = line.strip()
    indent = len(line) - len(line.lstrip())
    return not text or (text.startswith("#") and indent <= column)
