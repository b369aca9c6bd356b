"""Why a setting has its value: every layer's say, the winner, and what it was built from."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from confkit.errors import Problem
from confkit.keypath import name_of, split, within
from confkit.layers import FAILED, Entry, Origin, Setting, bare, printable
from confkit.redaction import redact, sensitive_name, show
from confkit.schema.places import Place
from confkit.schema.tree import Leaf, Section
from confkit.schema.type_hints import type_name
from confkit.secret import MASK
from confkit.tables import html_details, html_table, text_table

if TYPE_CHECKING:
    from confkit.resolution.snapshot import Resolution


class Resolved(Protocol):
    """What has a resolution: a snapshot, a configuration, a resolution itself."""

    @property
    def resolution(self) -> Resolution[Any]: ...


@dataclass(frozen=True, slots=True)
class Row:
    """One layer's word: the raw text as it may be shown, and whether it ``won``.

    ``key`` differs from the explained one where a layer spoke about what lies below or above it.
    """

    layer: str
    key: str
    raw: str
    origin: Origin
    won: bool

    def as_dict(self) -> dict[str, Any]:
        """The row as JSON values."""
        return {
            "layer": self.layer,
            "key": self.key,
            "raw": self.raw,
            "origin": str(self.origin),
            "line": self.origin.line,
            "column": self.origin.column,
            "won": self.won,
        }


@dataclass(frozen=True, slots=True)
class Explanation:
    """All that is known about one key, masked where it has to be; as text, JSON and HTML.

    :ivar key: the key.
    :ivar value: the typed value as JSON has it, None where the key is broken or null.
    :ivar text: the same as one line.
    :ivar type: the type that the field declares; ``doc`` and ``rules`` what its marks add.
    :ivar env_names: the environment variables that set it.
    :ivar rows: what every layer sets, highest precedence first.
    :ivar used: the variables and references in the raw text, with the origins that answered them.
    :ivar problems: those of the key and of what lies below it.
    """

    key: str
    value: Any
    text: str
    type: str
    doc: str
    rules: str
    env_names: tuple[str, ...]
    rows: tuple[Row, ...]
    used: tuple[str, ...]
    problems: tuple[Problem, ...] = ()

    @property
    def winner(self) -> Row | None:
        """The row that counts; None for a key that no layer names."""
        return next((row for row in self.rows if row.won), None)

    @property
    def origin(self) -> Origin | None:
        """Where the value comes from."""
        return self.winner.origin if self.winner else None

    def __str__(self) -> str:
        lines = [f"{self.key} = {self.text}"]
        if self.winner:
            lines.append(f"  from {self.winner.origin}")
        lines.extend(f"  using {used}" for used in self.used)
        facts = [f"type {self.type}"]
        if self.rules:
            facts.append(self.rules)
        if self.env_names:
            facts.append(f"env {' or '.join(self.env_names)}")
        lines.extend(f"  problem: {problem}" for problem in self.problems)
        lines.append(f"  {'; '.join(facts)}")
        if self.doc:
            lines.append(f"  {self.doc}")
        if self.rows:
            table = text_table(("", "layer", "sets", "at"), self._cells())
            lines += ["", *("  " + line for line in table.splitlines())]
        return "\n".join(lines)

    def _cells(self) -> list[tuple[str, str, str, str]]:
        return [
            (
                "▲" if row.won else "",
                printable(row.layer),
                row.raw if row.key == self.key else f"{row.key}: {row.raw}",
                str(row.origin),
            )
            for row in self.rows
        ]

    def as_dict(self) -> dict[str, Any]:
        """The explanation as JSON values."""
        return {
            "key": self.key,
            "value": self.value,
            "type": self.type,
            "doc": self.doc,
            "rules": self.rules,
            "env_names": list(self.env_names),
            "origin": None if self.origin is None else str(self.origin),
            "layers": [row.as_dict() for row in self.rows],
            "used": list(self.used),
            "problems": [problem.as_dict() for problem in self.problems],
        }

    def _repr_html_(self) -> str:
        origin = f" from {self.origin}" if self.origin else ""
        table = html_table(("", "layer", "sets", "at"), self._cells())
        return html_details(f"{self.key} = {self.text}{origin}", table, shown=True)


_ABSENT: Any = object()
#: What stands for a value that there is a problem about.
BROKEN = "(broken)"


def explain(resolved: Resolved, key: str) -> Explanation:
    """Explain one key of a snapshot or resolution, a section's key and a list's item included.

    :raises UnknownKey: with a near miss, if there is one.
    """
    resolution = resolved.resolution
    key = resolution.key(key)
    leaf = resolution.leaf(key)
    section = resolution.schema.sections.get(key)
    value, text = Shown(resolution, key).value()
    return Explanation(
        key=key,
        value=value,
        text=text,
        type=_type(resolution, leaf, section, key),
        doc=leaf.doc if leaf else section.doc if section else "",
        rules=rules_text(leaf) if leaf and leaf.key == key else "",
        env_names=tuple(("" if leaf.exact else resolution.stack.prefix) + n for n in leaf.env_names)
        if leaf and leaf.key == key
        else (),
        rows=tuple(_row(resolution, one, key) for one in reversed(resolution.sets(key))),
        used=tuple(
            f"{u.expression} from {u.origin}" if u.origin else u.expression
            for u in resolution.used(key)
        ),
        problems=resolution.broken(key),
    )


def _row(resolution: Resolution[Any], setting: Setting, key: str) -> Row:
    won = resolution.counts(setting)
    if key != setting.key and within(key, setting.key):
        setting = inside(setting, key)
    raw = Shown(resolution, setting.key).raw(setting.entry)
    return Row(setting.layer.name, setting.key, raw, setting.entry.origin, won)


def inside(setting: Setting, key: str) -> Setting:
    """What a layer sets at a place inside a list; the whole where the layer has it as text."""
    entry = setting.entry
    for step in split(key)[len(split(setting.key)) :]:
        raw = entry.raw
        if isinstance(raw, dict):
            held = raw.get(step, _ABSENT)
        elif isinstance(raw, list | tuple) and isinstance(step, int) and step < len(raw):
            held = raw[step]
        else:
            held = _ABSENT
        if held is _ABSENT:
            return setting
        entry = held if isinstance(held, Entry) else entry._replace(raw=held)
    return Setting(setting.layer, key, entry)


def _type(resolution: Resolution[Any], leaf: Leaf | None, section: Section | None, key: str) -> str:
    if section is not None:
        return type_name(section.type)
    place = resolution.place(key)
    return place.type_name if place else type_name(type(resolution.typed(key)))


class Shown:
    """How the values of one key may be shown."""

    def __init__(self, resolution: Resolution[Any], key: str) -> None:
        self.resolution, self.key = resolution, key
        self.name = name_of(key)
        self.place = resolution.place(key)
        self.secret, self.public = resolution.visibility(key)

    def raw(self, entry: Entry) -> str:
        """A raw value as it may be shown."""
        raw, place = entry.raw, self.place
        nested = isinstance(raw, list | dict) and place is not None and not place.mark
        if self.secret and not nested:
            shown = show(bare(raw), secret=raw is not None)
        else:
            shown = _raw(raw, place, self.name, public=self.public)
        return f"+ {shown}" if entry.append else shown

    def value(self) -> tuple[Any, str]:
        """The typed value: as JSON has it, and as one line."""
        value = self.resolution.typed(self.key)
        if value is FAILED:
            return None, BROKEN
        place = self.place
        if self.secret and value is not None and (place is None or not _masks_itself(value, place)):
            return MASK, MASK
        name = "" if self.public else self.name
        return redact(value, name=name), show_typed(value, name=name)


def _raw(raw: Any, place: Place | None, name: str, *, public: bool = False) -> str:
    """A raw value as one line; of a list of mappings each field by its own type."""
    if isinstance(raw, Entry):
        return _raw(raw.raw, place, name, public=public)
    if isinstance(raw, list | dict) and (public or not sensitive_name(name)):
        secret = place is not None and place.secret
        if secret and isinstance(raw, dict) and place is not None and not place.mapping:
            return MASK  # what looks like a name in it is the secret
        steps: list[tuple[Any, Any]] = list(
            raw.items() if isinstance(raw, dict) else enumerate(raw)
        )
        shown = []
        for step, item in steps:
            inner = place and place.inside(step if isinstance(step, int) else str(step))
            # What has no place in a type that holds secrets may be one of them.
            lost = inner is None and secret
            text = MASK if lost else _raw(item, inner, step if isinstance(step, str) else "")
            shown.append(f"{printable(step)}: {text}" if isinstance(step, str) else text)
        inside = ", ".join(shown)
        return f"{{{inside}}}" if isinstance(raw, dict) else f"[{inside}]"
    secret = place is not None and raw is not None and (place.secret or place.mark is True)
    public = public or (place is not None and place.mark is False)
    return show(bare(raw), secret=secret, name=name, public=public)


def _masks_itself(value: Any, place: Place) -> bool:
    """Whether a value that holds secrets shows only them as masks: they are Secrets inside it."""
    return place.secret and not place.mark and not isinstance(value, str | bytes)


def show_typed(value: Any, *, name: str = "") -> str:
    """A typed value as it may be shown; dataclasses field by field."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
        inside = ", ".join(f"{k}: {show_typed(v, name=k)}" for k, v in fields.items())
        return f"{type(value).__name__}({inside})"
    masked = sensitive_name(name)
    if isinstance(value, dict) and not masked:
        inside = ", ".join(
            f"{printable(str(k))}: {show_typed(v, name=str(k))}" for k, v in value.items()
        )
        return f"{{{inside}}}"
    if isinstance(value, list | tuple | set | frozenset) and not masked:
        shown = [show_typed(v) for v in value]
        return f"[{', '.join(sorted(shown) if isinstance(value, set | frozenset) else shown)}]"
    return show(getattr(value, "value", value), name=name)


def rules_text(leaf: Leaf) -> str:
    """The rules of a field in one line: ``min 1, max 100``."""
    rules = dict(leaf.rules)
    if leaf.secret and "allowed" in rules:
        rules["allowed"] = MASK
    return ", ".join(
        f"{name.replace('check_with', '')} {rule}".strip() for name, rule in rules.items()
    )
