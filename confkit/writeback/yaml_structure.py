"""New keys, lists and mappings in a YAML text.

By ruamel.yaml (extra ``write``), which keeps comments and layout. Without it a text that has no
comments and no anchors is written anew from its nodes; any other is refused, since they would be
lost.
"""

from __future__ import annotations

import io
import re
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from confkit.errors import MissingExtra
from confkit.keypath import Path
from confkit.writeback.yaml_values import LAYOUT, dumped
from confkit.yaml_events import Collection, Document, MappingNode, Node, ScalarNode, SequenceNode

try:
    from confkit.writeback.yaml_ruamel import Ruamel as _Ruamel
    from confkit.writeback.yaml_ruamel import as_node, is_nothing
except ImportError:  # without the extra `write`
    _Ruamel = None  # type: ignore[assignment, misc]

Ruamel: Any = _Ruamel


def structured(text: str, document: Document | None, flat: Mapping[Path, Any]) -> str:
    """The text with every path of ``flat`` at its value, whatever has to be made for it.

    :raises MissingExtra: where something would be lost without ruamel.yaml.
    """
    made = _made(text, document, flat).replace("\r\n", "\n")
    return made.replace("\n", "\r\n") if "\r\n" in text else made


def _made(text: str, document: Document | None, flat: Mapping[Path, Any]) -> str:
    if document is None:
        return _appended(text, flat)
    if Ruamel is not None:
        return _by_ruamel(text, document, flat)
    if _loses(text, document.root):
        raise MissingExtra("ruamel.yaml", "write")
    return _from_nodes(text, flat)


def _appended(text: str, flat: Mapping[Path, Any]) -> str:
    """A text without values keeps its comments, and the new values follow."""
    nested: dict[str, Any] = {}
    for path, value in flat.items():
        here = nested
        for step in path[:-1]:
            here = here.setdefault(str(step), {})
        here[str(path[-1])] = value
    if text and not text.endswith("\n"):
        text += "\n"
    return text + dumped(nested)


def _by_ruamel(text: str, document: Document, flat: Mapping[Path, Any]) -> str:
    writer = Ruamel()
    mapping, offset = _indents(document.root)
    writer.indent(mapping=mapping, sequence=offset + 2, offset=offset)
    writer.explicit_start = bool(re.match(r"---\s", text)) or None
    data = writer.load(text)
    for path, value in flat.items():
        here = data
        for step in path[:-1]:
            inner = here[step] if isinstance(step, int) else here.get(step)
            if is_nothing(inner):
                inner = here[_name(step)] = {}
            here = inner
        here[_name(path[-1])] = as_node(value)
    buffer = io.StringIO()
    writer.dump(data, buffer)
    return buffer.getvalue()


def _name(step: str | int) -> Any:
    """A name as it is to be written if it is new; one that is there keeps its spelling."""
    return as_node(step) if isinstance(step, str) else step


def _indents(root: Node) -> tuple[int, int]:
    """By how much nested mappings and the dashes of lists are indented; 2 and 2 where none are."""
    mapping = offset = None
    for node in _nodes(root):
        if not isinstance(node, MappingNode) or node.flow:
            continue
        for key, value in node.pairs:
            if isinstance(value, Collection) and not value.flow:
                step = value.start.column - key.start.column
                if isinstance(value, SequenceNode):
                    offset = step if offset is None else offset
                elif mapping is None:
                    mapping = step
    return mapping or 2, 2 if offset is None else offset


def _nodes(root: Node) -> Iterator[Node]:
    """Every node and key, outer ones first."""
    todo: deque[Node] = deque([root])
    while todo:
        node = todo.popleft()
        yield node
        if isinstance(node, SequenceNode):
            todo.extend(node.items)
        elif isinstance(node, MappingNode):
            for pair in node.pairs:
                todo.extend(pair)


def _loses(text: str, root: Node) -> bool:
    """Whether comments or the names of anchors would be lost: ``#`` or ``&`` outside of values."""
    spans = sorted((n.start.index, n.end.index) for n in _nodes(root) if isinstance(n, ScalarNode))
    if any(text.startswith("&", start) for start, _ in spans):
        return True
    rest, at = "", 0
    for start, end in spans:
        rest, at = rest + text[at:start], end
    return bool({"#", "&"} & set(rest + text[at:]))


def _from_nodes(text: str, flat: Mapping[Path, Any]) -> str:
    """Write the nodes anew: quotes and spellings stay, the layout is YAML's usual one."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)  # within our limits: it was read before
    for path, value in flat.items():
        _place(root, path, yaml.compose(dumped(value), Loader=yaml.SafeLoader))
    made: str = yaml.serialize(root, Dumper=yaml.SafeDumper, **LAYOUT)
    return made


def _place(node: Any, path: Path, new: Any) -> None:
    step, *rest = path
    if isinstance(step, int):
        if rest:
            _place(node.value[step], tuple(rest), new)
        else:
            node.value[step] = new
        return
    for n, (key, value) in enumerate(node.value):
        if key.value == step:
            if rest and isinstance(value, yaml.ScalarNode):
                value = yaml.MappingNode("tag:yaml.org,2002:map", [])
            if rest:
                _place(value, tuple(rest), new)
            node.value[n] = (key, value if rest else new)
            return
    name = yaml.compose(dumped(step), Loader=yaml.SafeLoader)
    inner = yaml.MappingNode("tag:yaml.org,2002:map", []) if rest else new
    if rest:
        _place(inner, tuple(rest), new)
    node.value.append((name, inner))
