"""A rule in a few words, and what changed between two."""

from __future__ import annotations

from typing import Any

from confkit.flags.rules.evaluation import Compiled
from confkit.flags.rules.literals import Document


def audience(flag: Compiled) -> str:
    """Who a flag is on for: ``10 %, if country in DE, 3 listed``."""
    rule = flag.rule
    if not rule.enabled:
        return "nobody"
    share = flag.percentage()
    parts = []
    if share is not None:
        parts.append(f"{share:g} %")
    elif not rule.allow:
        parts.append("everyone")
    if rule.conditions:
        parts.append("if " + " and ".join(map(str, rule.conditions)))
    if rule.allow:
        parts.append(f"{len(rule.allow)} listed")
    text = ", ".join(parts)
    if rule.deny:
        text += f", not {len(rule.deny)} denied"
    if rule.prerequisites:
        text += ", needs " + ", ".join(p.name for p in rule.prerequisites)
    return text


def difference(old: Document | None, new: Document | None) -> str:
    """What changed between two documents: ``percentage: 10 -> 25, owner: unset -> ann``.

    ``old`` None: the flag was created; ``new`` None: it was deleted.
    """
    if new is None:
        return "deleted"
    before = old or {}
    parts = [
        f"{key}: {_short(before.get(key))} -> {_short(new.get(key))}"
        for key in dict.fromkeys((*before, *new))
        if before.get(key) != new.get(key)
    ]
    return ("created, " if old is None else "") + (", ".join(parts) or "no difference")


def _short(value: Any) -> str:
    if isinstance(value, list) and len(value) > 3:
        return f"{len(value)} items"
    return "unset" if value is None else str(value)
