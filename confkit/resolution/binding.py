"""The winning entries become typed values and the user's own dataclass, or problems."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from confkit.errors import Problem
from confkit.excerpt import excerpt
from confkit.keypath import Path as KeyPath
from confkit.keypath import child as child_of
from confkit.keypath import join, name_of, split, within
from confkit.layers import Entry, Layer, Origin, Say, Stack, bare
from confkit.near import near
from confkit.redaction import mask_text, sensitive_name, show
from confkit.redaction.values import remember
from confkit.resolution.coercion import Reader, coercers
from confkit.resolution.interpolation import Unresolved, Used, Variables, expressive
from confkit.resolution.scalars import Fault, Refused
from confkit.resolution.validation import Checker, Violation, judge, refusal
from confkit.schema.markers import REQUIRED
from confkit.schema.tree import Leaf, Schema, Section
from confkit.tables import cut

#: Sources whose text may hold references; what code says is final.
_TEXT_SOURCES = frozenset({"file", "env", "argv"})

#: More of a value than this says no more about what is wrong with it.
LONGEST_SHOWN = 80


class _Failed:
    """Stands for a value that there is a problem about."""

    def __repr__(self) -> str:
        return "FAILED"


FAILED = _Failed()


class Binder:
    """One pass over the winners of a stack; ``problems`` and ``used`` are what it learns."""

    def __init__(self, schema: Schema, stack: Stack, variables: Variables) -> None:
        self.schema = schema
        self.stack = stack
        self.winners = stack.winners
        self.variables = variables
        self.problems: list[Problem] = []
        self.used: dict[str, tuple[Used, ...]] = {}
        #: whether the references of all values have been asked for
        self.fetched = False
        #: keys whose text was built from a secret
        self.tainted: set[str] = set()
        #: defaults inside optional sections and open mappings, which exist only in this stack
        self.defaults: dict[str, Entry] = {}

    def bind(self) -> tuple[Any, dict[str, Any]]:
        """The settings (or FAILED) and the same values as nested dicts, for the checks."""
        document: dict[str, Any] = {}
        return self.section(self.schema.root, "", document, coercers(self.schema)), document

    def section(
        self, section: Section, prefix: str, document: dict[str, Any], readers: Mapping[str, Any]
    ) -> Any:
        values: dict[str, Any] = {}
        winners = self.winners
        for leaf in section.leaves:
            key = prefix + leaf.key if prefix else leaf.key
            say = winners.get(key)
            if say is not None:
                value = self.value(leaf, say, readers[leaf.key])
            elif leaf.open:
                value = self.items(leaf, key, readers)
            else:
                value = self.absent(leaf, key, readers[leaf.key])
            values[leaf.name] = value
            if value is not FAILED:
                document[leaf.name] = value
        for name, child in section.sections:
            key = prefix + child.key
            inner: dict[str, Any] = {}
            if child.optional and self.is_null(key):
                values[name] = document[name] = None
                continue
            values[name] = self.section(child, prefix, inner, readers)
            document[name] = inner
        if any(value is FAILED for value in values.values()):
            return FAILED
        return self.made(section, prefix, values)

    def made(self, section: Section, prefix: str, values: dict[str, Any]) -> Any:
        try:
            return section.type(**values)
        except Exception as error:
            key = (prefix + section.key).rstrip(".")
            self.problems.append(Problem(key, refusal(section, error), code="refused"))
            return FAILED

    def is_null(self, key: str) -> bool:
        say = self.winners.get(key)
        if say is not None:
            return say.entry.raw is None
        return not any(within(k, key) for k in self.winners)

    def absent(self, leaf: Leaf, key: str, reader: Reader) -> Any:
        if leaf.default is not REQUIRED:
            self.defaults[key] = Entry(leaf.default, leaf.default_origin)
            if reader.broken:
                say = Say(self.stack.layers[0], key, self.defaults[key])
                return self.faults(leaf, say, reader.broken)
            return copy.deepcopy(leaf.default)
        names = {name for table in self.variables.tables for name in table}
        variable = self.stack.prefix + leaf.env_names[0] if key == leaf.key else ""
        misspelt = near(variable, names) if variable else ""
        hint = f"set {variable} in the environment or {key} in a file" if variable else ""
        if misspelt:
            hint = f"{misspelt} is set: did you mean {variable}?"
        self.problems.append(Problem(key, "is required and not set", None, hint, "missing"))
        return FAILED

    def items(self, leaf: Leaf, key: str, readers: Mapping[str, Any]) -> Any:
        """An open mapping, put together from the entries below its key."""
        depth = len(split(key))
        found = {k: say for k, say in self.winners.items() if within(k, key)}
        if not found:
            return self.absent(leaf, key, readers[leaf.key])
        if leaf.items is None:
            nested = _nested({split(k)[depth:]: self.based(leaf, say) for k, say in found.items()})
            first = next(iter(found.values()))
            return self.value(
                leaf,
                first._replace(key=key, entry=Entry(nested, first.entry.origin)),
                readers[leaf.key],
            )
        names = dict.fromkeys(str(split(k)[depth]) for k in found)
        made: dict[str, Any] = {}
        for name in names:
            document: dict[str, Any] = {}
            prefix = f"{child_of(key, name)}."
            made[name] = self.section(leaf.items.root, prefix, document, coercers(leaf.items))
        if any(v is FAILED for v in made.values()):
            return FAILED
        rules = judge(leaf.shape.members[0], leaf.name, quiet=leaf.sensitive)
        if rules is not None and (faults := rules(made)):
            first = next(iter(found.values()))
            return self.faults(leaf, first._replace(key=key), tuple(faults))
        return made

    def based(self, leaf: Leaf, say: Say) -> Entry:
        """An entry that becomes a part of a mapping, which several files may give."""
        base = say.layer.base if leaf.relative else None
        return say.entry if base is None else _based(say.entry, base)

    def value(self, leaf: Leaf, say: Say, reader: Reader) -> Any:
        entry = say.entry
        raw = entry.raw
        if entry.origin.kind == "default":
            if reader.broken:
                return self.faults(leaf, say, reader.broken)
            return copy.deepcopy(raw) if leaf.mutable else raw
        try:
            if _expressive(raw):
                if not self.fetched:
                    self.fetched = True
                    self.variables.fetch(_texts(s.entry for s in self.winners.values()))
                entry = self.expanded(leaf, say)
            if leaf.relative and say.layer.base is not None:
                entry = _based(entry, say.layer.base)
            value = reader.read(entry)
        except Unresolved as error:
            self.problem(leaf, say, error.message, error.hint, error.code)
            return FAILED
        except Refused as error:
            return self.faults(leaf, say, error.faults)
        if leaf.secret:
            remember(value)
        return value

    def faults(self, leaf: Leaf, say: Say, faults: tuple[Fault, ...]) -> _Failed:
        """A problem for everything that is wrong with a value and with what is inside it."""
        for fault in faults:
            where = join("x", *fault.path)[1:]
            origin = fault.entry.origin if fault.entry is not None else None
            self.problem(leaf, say, fault.why, fault.hint, fault.code, where, origin)
        return FAILED

    def expanded(self, leaf: Leaf, say: Say) -> Entry:
        used: list[Used] = []
        secret = False

        def expand(entry: Entry) -> Entry:
            nonlocal secret
            raw = entry.raw
            if isinstance(raw, str) and expressive(raw) and entry.origin.kind in _TEXT_SOURCES:
                made = self.variables.expand(entry)
                used.extend(made.used)
                secret |= made.secret
                return entry._replace(raw=made.text)
            if isinstance(raw, list):
                items = [expand(i) if isinstance(i, Entry) else i for i in raw]
                return entry._replace(raw=items)
            if isinstance(raw, dict):
                table = {k: expand(i) if isinstance(i, Entry) else i for k, i in raw.items()}
                return entry._replace(raw=table)
            return entry

        entry = expand(say.entry)
        if used:
            self.used[say.key] = tuple(used)
        if secret:
            self.tainted.add(say.key)
            if not leaf.secret:
                raise Unresolved(
                    "is built from a secret", "give the field the type Secret", "secret-in-plain"
                )
        return entry

    # -- problems ---------------------------------------------------------------------------

    def problem(
        self,
        leaf: Leaf | None,
        say: Say,
        message: str,
        hint: str,
        code: str,
        where: str = "",
        origin: Origin | None = None,
    ) -> None:
        name = name_of(say.key)
        secret = say.key in self.tainted or (
            leaf is not None and (leaf.secret or (leaf.open and sensitive_name(leaf.name)))
        )
        place = origin or say.entry.origin
        shown = "" if where or secret else cut(show(bare(say.entry.raw), name=name), LONGEST_SHOWN)
        others = tuple(
            other.entry.origin
            for other in reversed(self.stack.said(say.key))
            if other.layer is not say.layer
            and other.key == say.key
            and other.entry.origin.kind != "default"
        )
        self.problems.append(
            Problem(
                say.key + where,
                mask_text(message),
                place,
                hint,
                code,
                shown,
                "" if secret else excerpt(say.layer, place, shown),
                others,
            )
        )

    def check(self, checker: Checker, document: dict[str, Any]) -> None:
        """Judge the typed values by the rules; keys that have a problem already are passed over."""
        done = {problem.key for problem in self.problems}
        for violation in checker.check(document):
            if violation.key not in done:
                self.violation(violation)

    def violation(self, violation: Violation) -> None:
        """Say where a broken rule's value comes from."""
        say, where, origin = self.locate(violation.key)
        if say is None:
            self.problems.append(Problem(violation.key, violation.message, code=violation.rule))
            return
        leaf = self.schema.find(say.key)
        self.problem(leaf, say, violation.message, "", violation.rule, where, origin)

    def locate(self, key: str) -> tuple[Say | None, str, Origin | None]:
        """The entry that holds ``key``, and the place in it: ``hosts[0]`` is in ``hosts``."""
        parts = split(key)
        for end in range(len(parts), 0, -1):
            say = self.winners.get(join(*parts[:end]))
            if say is None:
                continue
            inner = say.entry
            for part in parts[end:]:
                raw = inner.raw
                held = None  # as inside a text, or an object of code
                if isinstance(raw, list | tuple) and isinstance(part, int):
                    held = raw[part]
                elif isinstance(raw, dict):
                    held = raw.get(part)
                inner = held if isinstance(held, Entry) else inner._replace(raw=held)
            return say, key[len(say.key) :], inner.origin
        return None, "", None


def _nested(flat: Mapping[KeyPath, Entry]) -> dict[str, Any]:
    """The items of an open mapping by name, mappings inside it nested."""
    made: dict[str, Any] = {}
    for path, entry in flat.items():
        here = made
        for name in path[:-1]:
            here = here.setdefault(str(name), Entry({}, entry.origin)).raw
        here[str(path[-1])] = entry
    return made


def _based(entry: Entry, base: Path) -> Entry:
    """The entry and those inside it, with the directory that relative paths start from."""
    raw = entry.raw
    if isinstance(raw, list):
        raw = [_based(i, base) if isinstance(i, Entry) else i for i in raw]
    elif isinstance(raw, dict):
        raw = {k: _based(i, base) if isinstance(i, Entry) else i for k, i in raw.items()}
    return entry._replace(raw=raw, base=entry.base or base)


def _expressive(raw: Any) -> bool:
    if isinstance(raw, str):
        return expressive(raw)
    if isinstance(raw, list | dict):
        inside = raw if isinstance(raw, list) else raw.values()
        return any(_expressive(i.raw if isinstance(i, Entry) else i) for i in inside)
    return False


def _texts(entries: Iterable[Entry]) -> Iterator[Entry]:
    """The entries, also those inside others, whose text may hold something to expand."""
    for entry in entries:
        raw = entry.raw
        if isinstance(raw, str):
            if expressive(raw) and entry.origin.kind in _TEXT_SOURCES:
                yield entry
        elif isinstance(raw, list | dict):
            inside = raw if isinstance(raw, list) else raw.values()
            yield from _texts(item for item in inside if isinstance(item, Entry))


def with_defaults(stack: Stack, extra: Mapping[str, Entry]) -> Stack:
    """The stack with defaults that exist only in it, added to its lowest layer."""
    if not extra:
        return stack
    lowest, *rest = stack.layers
    return Stack((Layer(lowest.name, {**lowest.entries, **extra}), *rest))
