"""The entries that count become typed values and the user's own dataclass, or problems."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

from confkit import redaction
from confkit.encrypted import expressive
from confkit.errors import Problem
from confkit.keypath import child, parent, split
from confkit.layers import FAILED, Entry
from confkit.resolution.coercion import Reader, coercers
from confkit.resolution.faults import Expansion, Faults
from confkit.resolution.merging import Merged, Tree, entries_of
from confkit.resolution.pieces import OutOfRange, Pieces
from confkit.resolution.scalars import Fault, Refused
from confkit.resolution.unresolved import Unresolved
from confkit.resolution.validation import judge, refusal
from confkit.schema.tree import Leaf, Section

if TYPE_CHECKING:
    from confkit.resolution.interpolation import Used, Variables

_NAMED = r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}"


class Bound:
    """One dataclass with its values: ``made`` is the instance, or FAILED.

    ``document`` has the values by name as plain nested mappings, without those that failed;
    ``inside`` what is bound below: sections by name, and the items of open mappings by name of the
    field and of the item.
    """

    __slots__ = ("document", "failed", "inside", "made", "values")

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.document: dict[str, Any] = {}
        self.inside: dict[str, Any] = {}
        self.failed: set[str] = set()
        self.made: Any = FAILED

    def copy(self) -> Bound:
        """A copy whose own values can change."""
        made = Bound()
        made.values, made.document = dict(self.values), dict(self.document)
        made.inside = dict(self.inside)
        made.failed = set(self.failed)
        return made

    def set(self, name: str, value: Any, document: Any) -> None:
        """Take the value of a field or section, and the same as the rules see it."""
        self.values[name] = value
        if value is FAILED:
            self.failed.add(name)
        else:
            self.failed.discard(name)
        if document is FAILED:
            self.document.pop(name, None)
        else:
            self.document[name] = document


class Plan:
    """What to bind again: ``below`` has the keys to visit by section, ``whole`` sections wholly."""

    __slots__ = ("below", "whole")

    def __init__(self, leaves: Iterable[str], whole: Iterable[str] = ()) -> None:
        self.whole = frozenset(whole)
        self.below: dict[str, dict[str, None]] = {"": {}}
        for key in (*leaves, *self.whole):
            here = key
            while here:
                above = parent(here)
                known = self.below.setdefault(above, {})
                if here in known:
                    break
                known[here] = None
                here = above


class Binder:
    """One pass over what counts; what it learns goes to ``faults``."""

    def __init__(
        self,
        faults: Faults,
        variables: Callable[[], Variables],
        *,
        known: Mapping[str, Expansion] | None = None,
        texts: Iterable[Entry] | None = None,
    ) -> None:
        self.faults = faults
        self.variables = variables
        self.known = known or {}
        #: everything that may hold references, until they have been asked for all together
        self._texts = texts

    def section(self, section: Section, merged: Merged, prefix: str = "") -> Bound:
        """Bind one dataclass and all below it."""
        bound = Bound()
        readers = coercers(merged.schema)
        for leaf in section.leaves:
            self._leaf(bound, leaf, merged, prefix, readers[leaf.key])
        for name, inner in section.sections:
            self._below(bound, name, inner, merged, prefix)
        self._build(bound, section, prefix)
        return bound

    def again(self, bound: Bound, section: Section, merged: Merged, plan: Plan) -> Bound:
        """Bind only the fields and sections of a plan, and build what they are in again."""
        bound = bound.copy()
        readers = coercers(merged.schema)
        for key in plan.below[section.key]:
            leaf = merged.schema.leaves.get(key)
            if leaf is not None:
                self._leaf(bound, leaf, merged, "", readers[key])
                continue
            inner = merged.schema.sections[key]
            name = str(split(key)[-1])
            old = bound.inside.get(name)
            if old is None or key in plan.whole or merged.is_null(inner):
                self._below(bound, name, inner, merged, "")
            else:
                self._take(bound, name, self.again(old, inner, merged, plan))
        self._build(bound, section, "")
        return bound

    def _below(
        self, bound: Bound, name: str, section: Section, merged: Merged, prefix: str
    ) -> None:
        if merged.is_null(section):
            bound.set(name, None, None)
            bound.inside.pop(name, None)
        else:
            self._take(bound, name, self.section(section, merged, prefix))

    def _take(self, bound: Bound, name: str, inner: Bound) -> None:
        bound.set(name, inner.made, inner.document)
        bound.inside[name] = inner

    def _build(self, bound: Bound, section: Section, prefix: str) -> None:
        bound.made = FAILED
        if bound.failed:
            return
        try:
            bound.made = section.type(**bound.values)
        except Exception as error:
            key = (prefix + section.key).rstrip(".")
            self.faults.add(Problem(key, refusal(section, error), code="refused"))

    # -- fields -----------------------------------------------------------------------------

    def _leaf(self, bound: Bound, leaf: Leaf, merged: Merged, prefix: str, reader: Reader) -> None:
        key = prefix + leaf.key if prefix else leaf.key
        entry = merged.fields.get(leaf.key)
        if entry is not None:
            value = self.value(leaf, key, entry, reader)
        elif (tree := merged.mappings.get(leaf.key)) is not None:
            if leaf.items is None:
                value = self.value(leaf, key, _as_entry(tree), reader)
            else:
                value = self._items(bound, leaf, key, tree)
        else:
            self.faults.missing(leaf, key, merged, self.variables)
            value = FAILED
        bound.set(leaf.name, value, value)

    def _items(self, bound: Bound, leaf: Leaf, key: str, tree: Tree) -> Any:
        inside: dict[str, Any] = {}
        made: dict[str, Any] = {}
        for name, held in tree.items():
            if isinstance(held, Merged):
                prefix = f"{child(key, name)}."
                one = inside[name] = self.section(held.schema.root, held, prefix)
                made[name] = one.made
            else:
                assert isinstance(held, Entry)
                made[name] = copy.deepcopy(held.raw)
        bound.inside[leaf.name] = inside
        if any(value is FAILED for value in made.values()):
            return FAILED
        rules = judge(leaf.shape.members[0], leaf.name, quiet=leaf.sensitive)
        if rules is not None and (faults := rules(made)):
            _, entry = next(iter(entries_of(tree, key)))
            return self._refused(leaf, key, entry, tuple(faults))
        return made

    def value(self, leaf: Leaf, key: str, entry: Entry, reader: Reader) -> Any:
        """The typed value of an entry, or FAILED."""
        raw = entry.raw
        if raw is leaf.default and entry.origin.kind == "default":
            if reader.broken:
                return self._refused(leaf, key, entry, reader.broken)
            return copy.deepcopy(raw) if leaf.mutable else raw
        try:
            if unfinished(raw):
                entry = self._expanded(leaf, key, entry)
            if leaf.relative:
                entry = self._based(entry, self.faults.layer_of(key, entry).base)
            value = reader.read(entry)
        except Refused as error:
            return self._refused(leaf, key, entry, error.faults)
        except Unresolved as error:
            message, hint = error.shown(secret=leaf.secret or leaf.sensitive)
            self.faults.value(leaf, key, entry, message, hint, error.code)
            return FAILED
        except OutOfRange as error:
            fault = Fault(str(error), error.path, error.entry, "index", error.hint)
            return self._refused(leaf, key, entry, (fault,))
        if leaf.secret:
            redaction.remember(value)
        return value

    def _refused(self, leaf: Leaf, key: str, entry: Entry, faults: tuple[Fault, ...]) -> Any:
        kept = self._kept_by_quotes(entry) if entry.quote == "'" else ""
        for why, path, inner, code, hint in faults:
            shown = hint if hint or path else kept
            self.faults.value(leaf, key, entry, why, shown, code, path, inner)
        return FAILED

    def _kept_by_quotes(self, entry: Entry) -> str:
        """The hint where single quotes kept a variable that is set from being filled in."""
        if not isinstance(entry.raw, str):
            return ""
        named = re.findall(_NAMED, entry.raw)
        if not any(name in self.variables().names for name in named):
            return ""
        return f"single quotes keep ${{{named[0]}}} as it is: write it in double quotes"

    def _based(self, entry: Entry, outer: FilePath | None) -> Entry:
        """The entry and those inside it, with the directory that relative paths start from."""
        base = entry.base or self.faults.base_of(entry) or outer
        raw = entry.raw
        if isinstance(raw, list):
            raw = [self._based(i, base) if isinstance(i, Entry) else i for i in raw]
        elif isinstance(raw, dict):
            raw = {k: self._based(i, base) if isinstance(i, Entry) else i for k, i in raw.items()}
        return entry._replace(raw=raw, base=base)

    def _expanded(self, leaf: Leaf, key: str, entry: Entry) -> Entry:
        from confkit.resolution.expansion import Expander, texts_in  # where there is a reference

        if self._texts is not None:
            texts, self._texts = self._texts, None
            self.variables().fetch(texts_in(texts))
        known = self.known.get(key)
        if known is None or known.source is not entry:
            used: list[tuple[str, Used]] = []
            tainted: list[str] = []
            made = Expander(self.variables, leaf.shape, key, used, tainted).expand(entry, ())
            known = Expansion(entry, made, tuple(used), tuple(tainted))
        self.faults.keep(key, known)
        if known.tainted and not leaf.secret:
            raise Unresolved(
                "is built from a secret", "give the field the type Secret", "secret-in-plain"
            )
        return known.made


def _as_entry(tree: Tree) -> Entry:
    """A mapping put together from the entries of several layers, as one entry."""
    raw: dict[str, Entry] = {}
    for name, held in tree.items():
        assert not isinstance(held, Merged)
        raw[name] = held if isinstance(held, Entry) else _as_entry(held)
    return Entry(raw, next(iter(raw.values())).origin)


def unfinished(raw: Any) -> bool:
    """Whether a raw value holds a variable, or lists that several layers make."""
    if isinstance(raw, str):
        return expressive(raw)
    if isinstance(raw, list | dict):
        inside = raw if isinstance(raw, list) else raw.values()
        return any(unfinished(i.raw if isinstance(i, Entry) else i) for i in inside)
    return isinstance(raw, Pieces)
