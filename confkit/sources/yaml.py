"""YAML text becomes entries, each with its line and column.

Built from the parser's events, never by ``load`` or ``compose``: those crash the interpreter on
30 kB of ``[`` and take 41 seconds on 500 bytes of merge keys. Scalars stay text until the type of
their field reads them, so that ``no``, ``012`` and ``12:30`` are what the field says they are.
"""

from __future__ import annotations

from typing import Any

import yaml

from confkit.errors import InvalidSource, Problem
from confkit.keypath import quote
from confkit.layers import Entry, Origin
from confkit.sources.reading import position

#: How deep mappings and sequences may stand in each other.
MAX_DEPTH = 100
#: How many nodes a file may have once aliases and merge keys are written out.
MAX_NODES = 100_000

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CORE = "tag:yaml.org,2002:"
_TAGS = frozenset(
    {"!", *(_CORE + t for t in ("str", "int", "float", "bool", "null", "map", "seq"))}
)
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})


# The nodes are plain classes: there are thousands, and a dataclass takes longer to be made.


class _Scalar:
    __slots__ = ("column", "line", "quote", "value")

    def __init__(self, value: str | None, quote: str, line: int, column: int) -> None:
        self.value, self.quote, self.line, self.column = value, quote, line, column


class _Collection:
    __slots__ = ("closed", "column", "items", "line", "pairs")

    def __init__(self, line: int, column: int) -> None:
        self.line, self.column = line, column
        #: pairs of a mapping, items of a sequence; None while an alias inside would be a loop
        self.pairs: list[tuple[_Scalar, _Node]] | None = None
        self.items: list[_Node] | None = None
        self.closed = False


class _Alias:
    __slots__ = ("column", "line", "name", "target")

    def __init__(self, name: str, target: _Scalar | _Collection, line: int, column: int) -> None:
        self.name, self.target, self.line, self.column = name, target, line, column


_Node = _Scalar | _Collection | _Alias


class _Fault(Exception):
    def __init__(self, message: str, line: int, column: int, code: str, hint: str = "") -> None:
        super().__init__(message)
        self.message, self.line, self.column = message, line, column
        self.code, self.hint = code, hint


class _Document:
    """One read of one text: the events, the anchors, and the faults found on the way."""

    def __init__(self, name: str, loader: Any) -> None:
        self.name = name
        self.loader = loader
        self.anchors: dict[str, _Scalar | _Collection] = {}
        self.problems: list[Problem] = []
        self.nodes = 0

    def add(self, message: str, line: int, column: int, code: str, hint: str = "") -> None:
        origin = Origin("file", self.name, line, column)
        self.problems.append(Problem("", message, origin, hint, code))

    def node(self, event: Any, depth: int) -> _Node:
        mark = event.start_mark
        line, column = mark.line + 1, mark.column + 1
        kind = type(event)
        if kind is yaml.AliasEvent:
            target = self.anchors.get(event.anchor)
            if target is None:
                raise _Fault(f"the alias *{event.anchor} has no anchor", line, column, "yaml")
            if isinstance(target, _Collection) and not target.closed:
                raise _Fault(f"the alias *{event.anchor} contains itself", line, column, "yaml")
            return _Alias(event.anchor, target, line, column)
        if event.tag is not None and event.tag not in _TAGS:
            raise _Fault("tags are not supported here", line, column, "tag", "remove the !tag")
        if kind is yaml.ScalarEvent:
            scalar = _scalar(event, line, column)
            if event.anchor:
                self.anchors[event.anchor] = scalar
            return scalar
        if depth >= MAX_DEPTH:
            raise _Fault(f"is nested deeper than {MAX_DEPTH} levels", line, column, "too-deep")
        made = _Collection(line, column)
        if event.anchor:
            self.anchors[event.anchor] = made
        if kind is yaml.MappingStartEvent:
            made.pairs = self.pairs(depth + 1)
        else:
            made.items = self.items(depth + 1)
        made.closed = True
        return made

    def pairs(self, depth: int) -> list[tuple[_Scalar, _Node]]:
        pairs: list[tuple[_Scalar, _Node]] = []
        seen: dict[str, _Scalar] = {}
        next_event = self.loader.get_event
        while type(event := next_event()) is not yaml.MappingEndEvent:
            key = self.node(event, depth)
            key = key.target if isinstance(key, _Alias) else key
            value = self.node(next_event(), depth)
            if not isinstance(key, _Scalar):
                self.add("a key must be text", key.line, key.column, "key")
                continue
            name = key.value = key.value if key.value is not None else "null"
            if (first := seen.setdefault(name, key)) is not key:
                self.add(
                    f"the key {name!r} stands here a second time",
                    key.line,
                    key.column,
                    "duplicate-key",
                    f"the first is in line {first.line}",
                )
            else:
                pairs.append((key, value))
        return pairs

    def items(self, depth: int) -> list[_Node]:
        items = []
        while type(event := self.loader.get_event()) is not yaml.SequenceEndEvent:
            items.append(self.node(event, depth))
        return items

    # -- writing out ------------------------------------------------------------------------

    def count(self, node: _Node) -> None:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise _Fault(
                f"has more than {MAX_NODES:,} nodes once its aliases are written out",
                node.line,
                node.column,
                "too-large",
            )

    def origin(self, node: _Scalar | _Collection, via: _Alias | None) -> Origin:
        """Where a value stands; for an alias, where it is used, with the place it was set."""
        if via is None:
            return Origin("file", self.name, node.line, node.column)
        note = f"*{via.name}, set at {node.line}:{node.column}"
        return Origin("file", self.name, via.line, via.column, note)

    def merged(
        self, node: _Collection, via: _Alias | None
    ) -> dict[str, tuple[_Scalar, _Node, _Alias | None]]:
        """The pairs of a mapping with its ``<<`` written out; its own keys come first."""
        own: dict[str, tuple[_Scalar, _Node, _Alias | None]] = {}
        added: dict[str, tuple[_Scalar, _Node, _Alias | None]] = {}
        for key, value in node.pairs or ():
            if key.value != "<<" or key.quote:
                own[str(key.value)] = (key, value, via)
                continue
            target = value.target if isinstance(value, _Alias) else value
            several = target.items if isinstance(target, _Collection) else None
            for one in several if several is not None else [value]:
                self.count(one)
                base = one.target if isinstance(one, _Alias) else one
                if not isinstance(base, _Collection) or base.pairs is None:
                    raise _Fault(
                        "<< takes a mapping or a list of mappings", one.line, one.column, "yaml"
                    )
                through = via or (one if isinstance(one, _Alias) else None)
                for name, pair in self.merged(base, through).items():
                    self.count(one)
                    added.setdefault(name, pair)
        return {**added, **own}

    def flatten(
        self, node: _Collection, prefix: str, via: _Alias | None, into: dict[str, Entry]
    ) -> None:
        for name, (_, value, through) in self.merged(node, via).items():
            self.count(value)
            path = prefix + quote(name)
            if isinstance(value, _Alias):
                through = through or value
                value = value.target
            if isinstance(value, _Collection) and value.pairs:
                self.flatten(value, path + ".", through, into)
            else:
                into[path] = self.entry(value, through)

    def entry(self, node: _Node, via: _Alias | None) -> Entry:
        if isinstance(node, _Alias):
            via, node = via or node, node.target
        origin = self.origin(node, via)
        if isinstance(node, _Scalar):
            return Entry(node.value, origin, node.quote)
        if node.items is not None:
            for item in node.items:
                self.count(item)
            return Entry([self.entry(item, via) for item in node.items], origin)
        table = {}
        for name, (_, value, through) in self.merged(node, via).items():
            self.count(value)
            table[name] = self.entry(value, through)
        return Entry(table, origin)


def _scalar(event: Any, line: int, column: int) -> _Scalar:
    style = event.style
    if style in ("'", '"'):
        return _Scalar(event.value, style, line, column)
    if style in ("|", ">"):
        return _Scalar(event.value, "|", line, column)
    if event.tag == _CORE + "str" or event.tag == "!":
        return _Scalar(event.value, '"', line, column)
    return _Scalar(None if event.value in _NULLS else event.value, "", line, column)


def read_yaml(text: str, name: str) -> dict[str, Entry]:
    """The entries of a YAML mapping, flat, by key; an empty text has none.

    :raises InvalidSource: with every duplicate key found, or the first fault that stops the
        parser; ``name`` is how the file is shown.
    """
    entries: dict[str, Entry] = {}
    document = _Document(name, None)
    loader = None
    try:
        # The C reader looks at the whole text at once and refuses control characters here.
        loader = document.loader = _Loader(text)
        root = _root(document)
        if root is not None:
            document.flatten(root, "", None, entries)
    except _Fault as fault:
        document.add(fault.message, fault.line, fault.column, fault.code, fault.hint)
    except yaml.reader.ReaderError as error:
        # The C parser counts bytes, the other one characters.
        found = yaml.reader.Reader.NON_PRINTABLE.search(text)
        line, column = position(text, found.start() if found else error.position)
        document.add("holds a control character", line, column, "yaml")
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        document.add(f"is not YAML: {_cause(error)}", line, column, "yaml", _hint(text, line))
    except RecursionError:
        document.add(f"is nested deeper than {MAX_DEPTH} levels", 1, 1, "too-deep")
    finally:
        if loader is not None:
            loader.dispose()
    if document.problems:
        raise InvalidSource(document.problems, None) from None
    return entries


def _root(document: _Document) -> _Collection | None:
    next_event = document.loader.get_event
    next_event()  # the start of the stream
    event = next_event()
    if type(event) is yaml.StreamEndEvent:
        return None
    root = document.node(next_event(), 0)
    next_event()  # the end of the document
    more = next_event()
    if type(more) is not yaml.StreamEndEvent:
        mark = more.start_mark
        raise _Fault("holds a second document", mark.line + 1, mark.column + 1, "yaml", "keep one")
    if isinstance(root, _Scalar) and root.value is None:
        return None
    if not isinstance(root, _Collection) or root.pairs is None:
        raise _Fault("is not a mapping of keys to values", root.line, root.column, "not-a-mapping")
    return root


def _cause(error: yaml.MarkedYAMLError) -> str:
    # Only the parser's own phrase: its full text quotes the line, which may hold a secret.
    return str(error.problem or error.context or "it cannot be parsed")


def _hint(text: str, line: int) -> str:
    lines = text.splitlines()
    here = lines[line - 1] if line <= len(lines) else ""
    return (
        "indent with spaces, not with tabs"
        if "\t" in here[: len(here) - len(here.lstrip())]
        else ""
    )
