"""A flag file as text: YAML or JSON to rules with their lines, and back.

A change to YAML rewrites the lines of that flag and leaves every other line, comments and blank
lines included, as it is.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from confkit.errors import StoreError
from confkit.flags.rules.literals import Document
from confkit.nesting import TOO_DEEP, too_deep
from confkit.yaml_events import (
    MappingNode,
    Node,
    ScalarNode,
    SequenceNode,
    YamlFault,
    read_mapping,
)

MAX_BYTES = 16 * 1024 * 1024

_INT, _FLOAT = (
    re.compile(r"[-+]?(0|[1-9][0-9]*)\Z"),
    re.compile(r"[-+]?[0-9]*\.?[0-9]+(e[-+]?[0-9]+)?\Z"),
)
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}


@dataclass(frozen=True, slots=True)
class Block:
    """One flag in the text: its document, and its lines, the first counted from 0."""

    document: Any
    first: int
    end: int


class Unreadable(StoreError):
    """A flag file that cannot be read: where, and why; ``code`` is stable, for machines."""

    def __init__(self, message: str, line: int = 1, column: int = 1, code: str = "invalid") -> None:
        super().__init__(message)
        self.line = line
        self.column = column
        self.code = code


def parse(content: bytes, *, is_json: bool) -> dict[str, Block]:
    """Every flag of a file by name.

    ``new-checkout: true`` is short for ``new-checkout: {enabled: true}``.

    :raises Unreadable: when the whole is no mapping of names to rules.
    """
    if len(content) > MAX_BYTES:
        raise Unreadable(f"is larger than {MAX_BYTES >> 20} MiB", code="too-large")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Unreadable("is not UTF-8", line, code="encoding") from None
    if not text.strip():
        # What a reader sees between an editor's truncation and its write.
        raise _empty()
    blocks = _json(text) if is_json else _yaml(text)
    return {
        name: Block({"enabled": block.document}, block.first, block.end)
        if isinstance(block.document, bool)
        else block
        for name, block in blocks.items()
    }


def _empty() -> Unreadable:
    return Unreadable("is empty; a file without flags holds {}", code="empty")


def _json(text: str) -> dict[str, Block]:
    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for name, value in items:
            if name in made:
                raise Unreadable(f"the key {name!r} is set twice", code="duplicate-key")
            made[name] = value
        return made

    try:
        value = json.loads(text, object_pairs_hook=pairs, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise Unreadable(f"is not JSON: {error.msg}", error.lineno, error.colno, "json") from None
    except RecursionError:
        raise Unreadable(TOO_DEEP, code="too-deep") from None
    except ValueError:
        raise Unreadable("holds a number with too many digits", code="json") from None
    if not isinstance(value, dict):
        raise Unreadable("is not a mapping of names to rules", code="not-a-mapping")
    if too_deep(value):
        raise Unreadable(TOO_DEEP, code="too-deep")
    lines = text.splitlines()
    return {name: Block(rule, at := _line_of(name, lines), at + 1) for name, rule in value.items()}


def _no_constant(name: str) -> Any:
    raise Unreadable(f"{name} is no number", code="json")


def _line_of(name: str, lines: list[str]) -> int:
    key = json.dumps(name)
    return next((n for n, line in enumerate(lines) if key in line), 0)


def _scalar(text: str) -> Any:
    """A plain scalar by the core schema of YAML 1.2: ``no`` is text and ``010`` too."""
    lowered = text.lower()
    if lowered in _WORDS:
        return _WORDS[lowered]
    if _INT.match(text) and len(text) < 300:
        return int(text)
    if _FLOAT.match(lowered):
        return float(text)
    return text


def _yaml(text: str) -> dict[str, Block]:
    try:
        document = read_mapping(text, plain=True)
        if document and document.faults:
            raise document.faults[0]
    except YamlFault as error:
        fault = (*error.before, error)[0]
        message = f"{fault.message}; {fault.hint}" if fault.hint else fault.message
        raise Unreadable(message, fault.line, fault.column, fault.code) from None
    if document is None:
        raise _empty()
    root = document.root
    if root.flow:  # in braces a flag has no lines of its own: the whole is rewritten
        return {key.value: Block(_plain(value), -1, -1) for key, value in root.pairs}
    firsts = [key.start.line for key, _ in root.pairs]
    ends = [*firsts[1:], root.end.line + (root.end.column > 0)]
    return {
        key.value: Block(_plain(value), first, end)
        for (key, value), first, end in zip(root.pairs, firsts, ends, strict=True)
    }


def _plain(node: Node) -> Any:
    """The value of a node of a text without aliases."""
    if isinstance(node, ScalarNode):
        return node.value if node.quote else _scalar(node.value)
    if isinstance(node, SequenceNode):
        return [_plain(item) for item in node.items]
    assert isinstance(node, MappingNode)
    return {key.value: _plain(value) for key, value in node.pairs}


def changed(
    content: bytes,
    blocks: Mapping[str, Block],
    changes: Mapping[str, Document | None],
    *,
    is_json: bool,
) -> tuple[bytes, dict[str, Block]]:
    """The text of a file, and what it holds, after some flags were put (None: taken away).

    :param blocks: what ``content`` holds.
    :raises Unreadable: when the outcome would not say what it shall.
    """
    wanted = {other: block.document for other, block in blocks.items()}
    for name, document in changes.items():
        if document is None:
            wanted.pop(name, None)
        else:
            wanted[name] = json.loads(json.dumps(dict(document)))
    if is_json:
        made = json.dumps(wanted, indent=2, ensure_ascii=False) + "\n"
    else:
        made = _spliced(content.decode("utf-8-sig"), blocks, changes, wanted)
    if b"\r\n" in content:  # as the editor that made the file ends its lines
        made = re.sub("\r?\n", "\r\n", made)
    if content.startswith(codecs.BOM_UTF8):
        made = "\ufeff" + made
    again = parse(made.encode(), is_json=is_json)
    if {other: block.document for other, block in again.items()} != wanted:
        raise Unreadable("cannot be changed without changing what else it says")
    return made.encode(), again


def _spliced(
    text: str, blocks: Mapping[str, Block], names: Iterable[str], wanted: Mapping[str, Any]
) -> str:
    if not wanted:
        return _comments(text) + "{}\n"
    if not blocks or any(block.first < 0 for block in blocks.values()):
        return _comments(text) + dumped(wanted)
    lines = text.splitlines(keepends=True)
    parts: list[str] = []
    at = 0
    there = {name: blocks[name] for name in names if name in blocks}
    for name, block in sorted(there.items(), key=lambda item: item[1].first):
        # Comments and blank lines before the next flag belong to that one.
        end = block.end
        while end > block.first + 1 and _is_remark(lines[end - 1]):
            end -= 1
        parts += lines[at : block.first]
        if name in wanted:
            parts.append(dumped({name: wanted[name]}))
        at = end
    parts += lines[at:]
    new = {name: wanted[name] for name in names if name in wanted and name not in blocks}
    if new:
        if parts and not parts[-1].endswith("\n"):
            parts.append("\n")
        parts.append(dumped(new))
    return "".join(parts)


def _is_remark(line: str) -> bool:
    return not line.strip() or line.startswith("#")


def _comments(text: str) -> str:
    """The remarks at the head of a text that is otherwise written anew."""
    kept = []
    for line in text.splitlines(keepends=True):
        if not _is_remark(line):
            break
        kept.append(line)
    return "".join(kept)


def dumped(rules: Mapping[str, Any]) -> str:
    """Flags as YAML that says the same to readers of 1.1 and of 1.2."""
    text: str = yaml.dump(
        dict(rules), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100
    )
    return text


class _Dumper(yaml.SafeDumper):
    """Block style with short lists in brackets, every text readable by YAML 1.1 and 1.2."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _listed(dumper: _Dumper, data: list[Any]) -> Any:
    plain = all(isinstance(item, str | int | float) for item in data)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=plain)


def _text(dumper: _Dumper, data: str) -> Any:
    # What PyYAML leaves bare by YAML 1.1 may be a number to a reader of 1.2, ourselves included.
    style = None if isinstance(_scalar(data), str) else "'"
    return dumper.represent_scalar("tag:yaml.org,2002:str", data, style=style)


_Dumper.add_representer(list, _listed)
_Dumper.add_representer(str, _text)
