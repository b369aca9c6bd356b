"""YAML text becomes entries, each with its line and column.

Scalars stay text until the type of their field reads them, so that ``no``, ``012`` and ``12:30``
are what the field says they are.
"""

from __future__ import annotations

from confkit.errors import InvalidSource, Problem
from confkit.keypath import quote
from confkit.layers import Entry, Origin
from confkit.sources.reading import without_secret
from confkit.yaml_events import (
    AliasNode,
    MappingNode,
    Node,
    ScalarNode,
    SequenceNode,
    Target,
    YamlFault,
    is_null,
    read_mapping,
)

#: A key, its value, and the alias through which ``<<`` took both from elsewhere.
_Pair = tuple[ScalarNode, Node, AliasNode | None]


def read_yaml(text: str, name: str) -> dict[str, Entry]:
    """The entries of a YAML mapping, flat, by key; an empty text has none.

    ``name`` is how the file is shown.

    :raises InvalidSource: with every fault of a key, or the first fault that stops the reading.
    """
    entries: dict[str, Entry] = {}
    faults: list[YamlFault] = []
    try:
        if document := read_mapping(text):
            faults += document.faults
            _Writing(name).flatten(document.root, "", None, entries)
    except YamlFault as fault:
        faults += (*fault.before, fault)
    if faults:
        raise InvalidSource(
            Problem(
                "",
                without_secret(f.message, f.name, f.above),
                Origin("file", name, f.line, f.column),
                f.hint,
                f.code,
            )
            for f in faults
        )
    return entries


class _Writing:
    """Aliases and merge keys written out. The reader has bound how much that can become."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.known: dict[int, dict[str, _Pair]] = {}

    def origin(self, node: Target, via: AliasNode | None) -> Origin:
        """Where a value is set; for an alias, where it is used, with the place it was set."""
        line, column = node.start.line + 1, node.start.column + 1
        if via is None:
            return Origin("file", self.name, line, column)
        note = f"*{via.name}, set at {line}:{column}"
        return Origin("file", self.name, via.start.line + 1, via.start.column + 1, note)

    def merged(self, node: MappingNode) -> dict[str, _Pair]:
        """The pairs of a mapping with its ``<<`` written out; its own keys come first."""
        if (known := self.known.get(id(node))) is not None:
            return known
        own: dict[str, _Pair] = {}
        added: dict[str, _Pair] = {}
        for key, value in node.pairs:
            if key.value != "<<" or key.quote:
                own[key.value] = (key, value, None)
                continue
            target = value.target if isinstance(value, AliasNode) else value
            for one in target.items if isinstance(target, SequenceNode) else [value]:
                base = one.target if isinstance(one, AliasNode) else one
                if not isinstance(base, MappingNode):
                    raise YamlFault("<< takes a mapping or a list of mappings", one.start)
                via = one if isinstance(one, AliasNode) else None
                for name, (inner, below, through) in self.merged(base).items():
                    added.setdefault(name, (inner, below, via or through))
        if not added:
            return own
        # Kept: in a chain of merges each would write out all before it anew.
        made = self.known[id(node)] = {**added, **own}
        return made

    def flatten(
        self, node: MappingNode, prefix: str, via: AliasNode | None, into: dict[str, Entry]
    ) -> None:
        for name, (_, value, through) in self.merged(node).items():
            path, through = prefix + quote(name), via or through
            if isinstance(value, AliasNode):
                through = through or value
                value = value.target
            if isinstance(value, MappingNode) and value.pairs:
                self.flatten(value, path + ".", through, into)
            else:
                into[path] = self.entry(value, through)

    def entry(self, node: Node, via: AliasNode | None) -> Entry:
        if isinstance(node, AliasNode):
            via, node = via or node, node.target
        origin = self.origin(node, via)
        if isinstance(node, ScalarNode):
            return Entry(None if is_null(node) else node.value, origin, node.quote)
        if isinstance(node, SequenceNode):
            return Entry([self.entry(item, via) for item in node.items], origin)
        table = {}
        for name, (_, value, through) in self.merged(node).items():
            table[name] = self.entry(value, via or through)
        return Entry(table, origin)
