"""What failed assertions tell about settings and decisions."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Mapping
from typing import Any

#: How many keys that differ are listed.
LISTED = 20


def explained(left: Any, right: Any) -> list[str] | None:
    """Lines for ``assert left == right`` where one of them is a configuration; else None."""
    if (config := sys.modules.get("confkit.config")) is None:
        return None
    snapshots = sys.modules["confkit.resolution.snapshot"]
    kinds = (config.Config, snapshots.Snapshot)
    for one, other in ((left, right), (right, left)):
        if isinstance(one, kinds):
            snapshot = one.snapshot if isinstance(one, config.Config) else one
            return _differences(snapshot, other, kinds)
    return None


def _differences(snapshot: Any, other: Any, kinds: tuple[type, ...]) -> list[str] | None:
    from confkit.reports.difference import diff

    if isinstance(other, kinds):
        against: Any = other
        rows = str(diff(snapshot, getattr(against, "snapshot", against))).splitlines()
        return [f"{snapshot.schema.name}: the settings differ", *rows[:LISTED]]
    if not isinstance(other, Mapping):
        return None
    lines = [f"{snapshot.schema.name}: the settings are not those of the mapping"]
    for key, wanted in other.items():
        line = _difference(snapshot, key, wanted)
        if line and len(lines) <= LISTED:
            lines.append(line)
    return lines


def _difference(snapshot: Any, key: str, wanted: Any) -> str:
    from confkit.errors import UnknownKey
    from confkit.redaction import show
    from confkit.reports.explanation import explain

    try:
        value = snapshot.value(key)
    except UnknownKey as error:
        return str(error)
    if value == wanted:
        return ""
    origin = explain(snapshot, key).origin
    return f"{key}: {show(value, name=key)} != {show(wanted, name=key)}, set by {origin}"


def asked(decisions: deque[Any]) -> str:
    """What flags answered during a test, each answer once, with its rule where there is one."""
    lines: dict[str, None] = {}
    rules = _rules()
    for decision in decisions:
        rule = rules.get(decision.name) if decision.revision is not None else None
        lines[f"{decision}{f'  rule: {rule.as_document()}' if rule is not None else ''}"] = None
    return "\n".join(lines)


def _rules() -> dict[str, Any]:
    everywhere = sys.modules.get("confkit.flags.everywhere")
    clients = everywhere.clients(collected=True) if everywhere is not None else []
    return {name: entry.rule for client in clients for name, entry in client.view.flags.items()}
