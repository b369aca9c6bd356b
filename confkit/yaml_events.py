"""The one bounded reader of YAML: text becomes nodes with their places.

Made from the parser's events, never by ``yaml.load`` or ``yaml.compose``: those crash the
interpreter on 30 kB of ``[`` and take 41 seconds on 500 bytes of merge keys. The limits count what
a text means once its aliases are written out, and hold while it is read. PyYAML's C parser is used
where it is there, else the one in Python; both give the same nodes, codes and places.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import yaml

from confkit.nesting import MAX_DEPTH, TOO_DEEP

#: How many values a text may have once its aliases are written out; keys do not count.
MAX_NODES = 100_000
#: How many characters a text may have.
MAX_LENGTH = 16 * 1024 * 1024

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_SURROGATE = re.compile("[\ud800-\udfff]")
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CORE = "tag:yaml.org,2002:"
_TEXT = ("!", _CORE + "str")
_TAGS = {*_TEXT, *(_CORE + t for t in ("int", "float", "bool", "null", "map", "seq"))}


class YamlFault(Exception):
    """One fault of a text. ``line`` and ``column`` count from 1, ``code`` is stable.

    ``before`` are the faults of keys that were found before this one stopped the reading; ``name``
    is the key that the message quotes, and ``above`` the keys around it, inner ones first.
    """

    def __init__(self, message: str, start: Any, code: str = "yaml", hint: str = "") -> None:
        super().__init__(message)
        self.message, self.code, self.hint = message, code, hint
        self.line, self.column, self.index = start.line + 1, start.column + 1, start.index
        self.before: tuple[YamlFault, ...] = ()
        self.name = ""
        self.above: list[str] = []


# The nodes are plain classes: there are thousands, and a dataclass takes longer to be made.
# ``start`` and ``end`` are the parser's marks: ``index``, ``line`` and ``column``, all from 0.


class ScalarNode:
    """A value as it is written. ``quote`` is ``'``, ``"``, ``|`` for a block, empty for a bare one.

    A value with the tag ``!!str`` counts as quoted: it is text, whatever it looks like.
    """

    __slots__ = ("end", "quote", "start", "value")

    def __init__(self, value: str, quote: str, start: Any, end: Any) -> None:
        self.value, self.quote, self.start, self.end = value, quote, start, end


class Collection:
    """What has nodes in it: a mapping or a list.

    ``flow`` is true for one in brackets; one without ends where the next token starts.
    """

    __slots__ = ("end", "flow", "height", "size", "start")

    def __init__(self, start: Any, flow: bool) -> None:
        self.start, self.flow = start, flow
        self.end: Any = None
        #: levels and values inside, itself included, aliases written out; 0 until it is closed
        self.height = self.size = 0


class MappingNode(Collection):
    """Keys and values, in their order."""

    __slots__ = ("pairs",)

    def __init__(self, start: Any, flow: bool) -> None:
        super().__init__(start, flow)
        self.pairs: list[tuple[ScalarNode, Node]] = []


class SequenceNode(Collection):
    """Values in their order."""

    __slots__ = ("items",)

    def __init__(self, start: Any, flow: bool) -> None:
        super().__init__(start, flow)
        self.items: list[Node] = []


#: What an anchor can name.
Target = ScalarNode | MappingNode | SequenceNode


class AliasNode:
    """A place where the node that an anchor names is used again."""

    __slots__ = ("end", "name", "start", "target")

    def __init__(self, name: str, target: Target, start: Any, end: Any) -> None:
        self.name, self.target, self.start, self.end = name, target, start, end


Node = Target | AliasNode


class Document(NamedTuple):
    """What a text holds. ``faults`` are those of keys, which do not stop the reading."""

    root: MappingNode
    faults: tuple[YamlFault, ...]


def is_null(node: Node) -> bool:
    """Whether a node is a bare ``null``, in one of its spellings."""
    return isinstance(node, ScalarNode) and not node.quote and node.value in _NULLS


def read_mapping(text: str, *, plain: bool = False) -> Document | None:
    """The nodes of a text that holds one mapping; None when it is empty or null.

    ``plain`` refuses tags, anchors and aliases. Keys are text, each there once in its mapping: a
    key that is not goes to ``Document.faults`` and its pair is left out.

    :raises YamlFault: for the first fault that stops the reading, with its code: ``too-deep``,
        ``too-large``, ``tag``, ``not-a-mapping``, or ``yaml`` for a text that is not YAML.
    """
    if len(text) > MAX_LENGTH:
        raise YamlFault(f"has more than {MAX_LENGTH:,} characters", _place("", 0), "too-large")
    reading = _Reading(plain)
    try:
        root = _read(text, reading)
    except YamlFault as fault:
        fault.before = tuple(reading.faults)
        raise
    if root is None or is_null(root):
        return None
    if not isinstance(root, MappingNode):
        raise YamlFault("is not a mapping of keys to values", root.start, "not-a-mapping")
    return Document(root, tuple(reading.faults))


def _read(text: str, reading: _Reading) -> Node | None:
    """Read with the one parser or the other, and turn what they raise into our faults."""
    loader: Any = None
    try:
        # The C parser looks at the whole text at once and refuses control characters here.
        loader = _Loader(text)
        return reading.document(loader.get_event)
    except (yaml.reader.ReaderError, UnicodeEncodeError):
        # Where, the parsers tell in bytes, in characters, or not at all.
        found = yaml.reader.Reader.NON_PRINTABLE.search(text)
        place = _place(text, found.start() if found else 0)
        raise YamlFault("holds a control character", place) from None
    except yaml.MarkedYAMLError as error:
        raise _refused(text, error, reading.plain) from None
    except (OverflowError, ValueError):
        # The parser in Python, on "\UFFFFFFFF"; the C parser has an error of its own for it.
        raise YamlFault("holds an escape that is no character", loader.get_mark()) from None
    finally:
        if loader is not None:
            loader.dispose()


def _refused(text: str, error: yaml.MarkedYAMLError, plain: bool) -> YamlFault:
    """The first fault of a text that the parser refused.

    The parser looks ahead: what lies in up to 1,024 characters is refused before we have seen the
    events of what lies before. libyaml 0.2.6 so refuses 1,000 levels in brackets where we had
    refused the 101st. Hence the text before that place is read by itself.
    """
    mark = error.problem_mark or error.context_mark or _place("", 0)
    if 0 < mark.index < len(text):
        try:
            _read(text[: mark.index], _Reading(plain))
        except YamlFault as earlier:
            if earlier.index < mark.index:
                return earlier
    # Only the parser's own phrase: its full text quotes the line, which may hold a secret.
    cause = error.problem or error.context
    return YamlFault(f"is not YAML: {cause}", mark, "yaml", _hint(text, mark.line))


class _Reading:
    """One read of one text."""

    def __init__(self, plain: bool) -> None:
        self.plain = plain
        self.anchors: dict[str, Target] = {}
        self.faults: list[YamlFault] = []
        self.nodes = 0
        #: the deepest level met since the innermost open collection was opened
        self.deepest = 0

    def document(self, next_event: Any) -> Node | None:
        self.next = next_event
        next_event()  # the start of the stream
        if type(next_event()) is yaml.StreamEndEvent:
            return None
        root = self.node(next_event(), 0)
        next_event()  # the end of the document
        if type(more := next_event()) is not yaml.StreamEndEvent:
            raise YamlFault("holds a second document", more.start_mark, "yaml", "keep one")
        return root

    def node(self, event: Any, depth: int) -> Node:
        kind = type(event)
        if kind is yaml.AliasEvent:
            return self.alias(event, depth)
        if event.tag is not None and (self.plain or event.tag not in _TAGS):
            raise YamlFault("tags are not supported here", event.start_mark, "tag", "remove it")
        self.count(1, event)
        if kind is yaml.ScalarEvent:
            scalar = ScalarNode(event.value, _quote(event), event.start_mark, event.end_mark)
            if event.anchor:
                self.anchor(event, scalar)
            return scalar
        is_mapping = kind is yaml.MappingStartEvent
        made = (MappingNode if is_mapping else SequenceNode)(
            event.start_mark, bool(event.flow_style)
        )
        if event.anchor:
            self.anchor(event, made)
        before, outside, self.deepest = self.nodes, self.deepest, 0
        self.descend(depth + 1, event)
        if isinstance(made, MappingNode):
            self.pairs(made, depth + 1)
        else:
            self.items(made, depth + 1)
        made.size, made.height = self.nodes - before + 1, self.deepest - depth
        self.deepest = max(self.deepest, outside)
        return made

    def anchor(self, event: Any, node: Target) -> None:
        if self.plain:
            raise YamlFault("anchors are not supported here", event.start_mark)
        self.anchors[event.anchor] = node

    def alias(self, event: Any, depth: int) -> AliasNode:
        name, start = event.anchor, event.start_mark
        if self.plain:
            raise YamlFault("aliases are not supported here", start)
        target = self.anchors.get(name)
        if target is None:
            # Not named: a text that begins with a star may be a password without its quotes.
            raise YamlFault(
                "this alias has no anchor: put text that begins with * in quotes", start
            )
        if isinstance(target, ScalarNode):
            self.count(1, event)
        elif not target.size:
            raise YamlFault(f"the alias *{name} contains itself", start)
        else:
            self.count(target.size, event)
            self.descend(depth + target.height, event)
        return AliasNode(name, target, start, event.end_mark)

    def count(self, nodes: int, event: Any) -> None:
        self.nodes += nodes
        if self.nodes > MAX_NODES:
            message = f"has more than {MAX_NODES:,} values once its aliases are written out"
            raise YamlFault(message, event.start_mark, "too-large")

    def descend(self, depth: int, event: Any) -> None:
        if depth > MAX_DEPTH:
            raise YamlFault(TOO_DEEP, event.start_mark, "too-deep")
        if depth > self.deepest:
            self.deepest = depth

    def pairs(self, made: MappingNode, depth: int) -> None:
        seen: dict[str, ScalarNode] = {}
        next_event = self.next
        while type(event := next_event()) is not yaml.MappingEndEvent:
            self.nodes -= 1  # a key does not count
            key = self.node(event, depth)
            known = len(self.faults)
            value = self.node(next_event(), depth)
            key = key.target if isinstance(key, AliasNode) else key
            if not isinstance(key, ScalarNode):
                self.faults.append(YamlFault("a key must be text", event.start_mark, "key"))
            elif not key.value and not key.quote:
                self.faults.append(YamlFault("a key is empty", event.start_mark, "key"))
            elif (first := seen.setdefault(key.value, key)) is not key:
                message = f"the key {key.value!r} is already set in this mapping"
                hint = f"the first is in line {first.start.line + 1}"
                fault = YamlFault(message, event.start_mark, "duplicate-key", hint)
                fault.name = key.value
                self.faults.append(fault)
            else:
                made.pairs.append((key, value))
                for fault in self.faults[known:]:
                    fault.above.append(key.value)
        made.end = event.end_mark

    def items(self, made: SequenceNode, depth: int) -> None:
        while type(event := self.next()) is not yaml.SequenceEndEvent:
            made.items.append(self.node(event, depth))
        made.end = event.end_mark


def _quote(event: Any) -> str:
    style = event.style
    if not style:
        return '"' if event.tag in _TEXT else ""
    if style == '"' and not event.value.isascii() and _SURROGATE.search(event.value):
        # The parser in Python lets "\ud800" through, which no file and no socket can take.
        raise YamlFault("holds an escape that is no character", event.start_mark)
    return "|" if style == ">" else str(style)


def _place(text: str, index: int) -> yaml.Mark:
    """A mark as the parser's own, for a fault that it gives none for."""
    line, column = text.count("\n", 0, index), index - text.rfind("\n", 0, index) - 1
    return yaml.Mark("", index, line, column, None, 0)


def _hint(text: str, line: int) -> str:
    lines = text.splitlines()
    here = lines[line] if line < len(lines) else ""
    indent = here[: len(here) - len(here.lstrip())]
    return "indent with spaces, not with tabs" if "\t" in indent else ""
