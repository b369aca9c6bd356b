"""Set values in a YAML text; comments, order, quotes and anchors stay as they are.

A plain or quoted value on one line is replaced in place, so that nothing else changes by a byte.
New keys, lists and mappings go through :mod:`confkit.writeback.yaml_structure`. The result is read
again by the reader that loads configuration before it is given back.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from confkit.errors import SaveError
from confkit.keypath import Path, join
from confkit.writeback.yaml_meaning import plain, takes_names, with_values
from confkit.writeback.yaml_structure import structured
from confkit.writeback.yaml_values import scalar
from confkit.yaml_events import (
    Document,
    MappingNode,
    Node,
    ScalarNode,
    SequenceNode,
    YamlFault,
    read_mapping,
)


def edit_yaml(text: str, changes: Mapping[Path, Any]) -> str:
    """The text with every path of ``changes`` at its value.

    Values are None, bool, int, float, str, and lists and mappings of them. Mappings merge key by
    key with what is there.

    :raises SaveError: for a text that is not YAML, and a path that leads through a value.
    :raises MissingExtra: where comments could be lost without ruamel.yaml.
    """
    bom = "\ufeff" if text.startswith("\ufeff") else ""
    text = text.removeprefix("\ufeff")
    document = read_text(text)
    before = plain(document.root) if document is not None else {}
    flat = _flat(changes, before)
    if not flat:
        return bom + text
    wanted = with_values(before, flat)
    edited = _spliced(text, document, flat)
    if edited is None:
        edited = structured(text, document, flat)
    found = read_text(edited)
    if found is None or plain(found.root) != wanted:
        keys = ", ".join(join(*path) for path in flat)
        raise SaveError(f"{keys}: edit this file by hand: the result would not read back")
    return bom + edited


def read_text(text: str) -> Document | None:
    """The nodes of a text; None where it holds no value.

    :raises SaveError: for a text that is not YAML.
    """
    try:
        document = read_mapping(text)
    except YamlFault as fault:
        raise _broken(fault) from None
    if document is not None and document.faults:
        raise _broken(document.faults[0])
    return document


def _broken(fault: YamlFault) -> SaveError:
    return SaveError(f"line {fault.line}: {fault.message}; fix the file first")


def _flat(changes: Mapping[Path, Any], root: Any) -> dict[Path, Any]:
    """Every change by the path of its value: a mapping is parted where it meets one, or nothing."""
    found: dict[Path, Any] = {}
    for path, value in changes.items():
        if isinstance(value, Mapping) and value and takes_names(root, path):
            inside = {(*path, str(name)): inner for name, inner in value.items()}
            found.update(_flat(inside, root))
        else:
            found[path] = value
    return found


def _spliced(text: str, document: Document | None, flat: Mapping[Path, Any]) -> str | None:
    """The text with values replaced where they are; None where that is not enough."""
    edits: list[tuple[int, int, str]] = []
    for path, value in flat.items():
        node = None if document is None else _find(document.root, path)
        if node is None or isinstance(value, list | tuple | Mapping):
            return None
        start, end = node.start.index, node.end.index
        simple = node.quote in ("", "'", '"') and node.start.line == node.end.line
        if not simple or text[start : start + 1] in ("&", "!"):
            return None
        space = " " if start == end and not text[:start].endswith((" ", "\n")) else ""
        edits.append((start, end, space + scalar(value, node.quote)))
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _find(node: Node, path: Path) -> ScalarNode | None:
    """The scalar at a path; None where there is none, or another place shares it by an alias."""
    for step in path:
        inner: Node | None = None
        if isinstance(node, MappingNode):
            inner = next((value for key, value in node.pairs if key.value == step), None)
        elif isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.items):
            inner = node.items[step]
        if inner is None:
            return None
        node = inner
    return node if isinstance(node, ScalarNode) else None
