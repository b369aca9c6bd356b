"""Why a setting has its value: every layer's say, the winner, and what it was built from."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from confkit.keypath import canonical, name_of, within
from confkit.layers import Origin, Say, bare, printable
from confkit.redaction import sensitive_name, show
from confkit.resolution.snapshot import Snapshot
from confkit.schema.tree import Leaf
from confkit.schema.type_hints import type_name
from confkit.secret import MASK
from confkit.tables import html_details, html_table, text_table


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
    """All that is known about one key, masked where it has to be; ``rows`` highest layer first.

    ``value`` is the typed value as text; ``used`` the variables and references in the raw text
    with the origins that answered them.
    """

    key: str
    value: str
    type: str
    doc: str
    rules: str
    env_names: tuple[str, ...]
    rows: tuple[Row, ...]
    used: tuple[str, ...]

    @property
    def winner(self) -> Row | None:
        """The row that counts; None for a key that no layer names."""
        return next((row for row in self.rows if row.won), None)

    @property
    def origin(self) -> Origin | None:
        """Where the value comes from."""
        return self.winner.origin if self.winner else None

    def __str__(self) -> str:
        lines = [f"{printable(self.key)} = {self.value}"]
        if self.winner:
            lines.append(f"  from {self.winner.origin}")
        lines.extend(f"  using {used}" for used in self.used)
        facts = [f"type {self.type}"]
        if self.rules:
            facts.append(self.rules)
        if self.env_names:
            facts.append(f"env {' or '.join(self.env_names)}")
        lines.append(f"  {'; '.join(facts)}")
        if self.doc:
            lines.append(f"  {self.doc}")
        if self.rows:
            table = text_table(("", "layer", "says", "at"), self._cells())
            lines += ["", *("  " + line for line in table.splitlines())]
        return "\n".join(lines)

    def _cells(self) -> list[tuple[str, str, str, str]]:
        return [
            (
                "▲" if row.won else "",
                printable(row.layer),
                row.raw if row.key == self.key else f"{printable(row.key)}: {row.raw}",
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
        }

    def _repr_html_(self) -> str:
        origin = f" from {self.origin}" if self.origin else ""
        table = html_table(("", "layer", "says", "at"), self._cells())
        return html_details(f"{printable(self.key)} = {self.value}{origin}", table, shown=True)


def hidden(snapshot: Snapshot[Any], leaf: Leaf | None, key: str) -> bool:
    """Whether the values of a key are masked whatever they look like."""
    if leaf is None:
        return False
    # The items of an open mapping bear names of their own: `passwords.alice`.
    return leaf.secret or key in snapshot.tainted or (leaf.open and sensitive_name(leaf.name))


def shown_raw(snapshot: Snapshot[Any], leaf: Leaf | None, say: Say) -> str:
    """A raw value as it may be shown."""
    name = name_of(say.key)
    return show(bare(say.entry.raw), secret=hidden(snapshot, leaf, say.key), name=name)


def explain(snapshot: Snapshot[Any], key: str) -> Explanation:
    """Explain one key of a snapshot, a section's key included.

    :raises UnknownKey: with a near miss, if there is one.
    """
    key = canonical(key)
    leaf = snapshot.leaf(key)
    section = snapshot.schema.sections.get(key)
    winners = snapshot.stack.winners
    rows = [
        Row(
            layer=say.layer.name,
            key=say.key,
            raw=shown_raw(snapshot, snapshot.schema.find(say.key), say),
            origin=say.entry.origin,
            won=winners.get(say.key) == say and winners[say.key].layer is say.layer,
        )
        for say in reversed(snapshot.stack.said(key))
    ]
    used = [u for k, many in snapshot.used.items() if within(k, key) for u in many]
    return Explanation(
        key=key,
        value=shown_value(snapshot, key),
        type=type_name(
            leaf.type if leaf else section.type if section else type(snapshot.value(key))
        ),
        doc=leaf.doc if leaf else section.doc if section else "",
        rules=rules_text(leaf) if leaf else "",
        env_names=tuple(snapshot.stack.prefix + n for n in leaf.env_names)
        if leaf and leaf.key == key
        else (),
        rows=tuple(rows),
        used=tuple(f"{u.expression} from {u.origin}" if u.origin else u.expression for u in used),
    )


def shown_value(snapshot: Snapshot[Any], key: str) -> str:
    """The typed value of a key as it may be shown."""
    leaf = snapshot.schema.find(key)
    value = snapshot.value(key)
    return show_typed(value, secret=hidden(snapshot, leaf, key), name=name_of(key))


def show_typed(value: Any, *, secret: bool = False, name: str = "") -> str:
    """A typed value as it may be shown; dataclasses field by field."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
        inside = ", ".join(f"{k}: {show_typed(v, name=k)}" for k, v in fields.items())
        return f"{type(value).__name__}({inside})"
    masked = secret or sensitive_name(name)
    if isinstance(value, dict) and not masked:
        inside = ", ".join(
            f"{printable(str(k))}: {show_typed(v, name=str(k))}" for k, v in value.items()
        )
        return f"{{{inside}}}"
    if isinstance(value, list | tuple | set | frozenset) and not masked:
        shown = [show_typed(v) for v in value]
        return f"[{', '.join(sorted(shown) if isinstance(value, set | frozenset) else shown)}]"
    return show(getattr(value, "value", value), secret=secret, name=name)


def rules_text(leaf: Leaf) -> str:
    """The rules of a field in one line: ``min 1, max 100``."""
    rules = dict(leaf.rules)
    if leaf.secret and "allowed" in rules:
        rules["allowed"] = MASK
    return ", ".join(
        f"{name.replace('check_with', '')} {rule}".strip() for name, rule in rules.items()
    )
