"""Flags as they leave the API, and the fields that come in by their old names: pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from confkit.admin.masking import masked
from confkit.admin.problems import Refused
from confkit.flags.replica.view import View
from confkit.flags.rules.literals import Document
from confkit.redaction import mask_text

#: The fields of the source document, by the names that they have now.
ALIASES = {"user_whitelist": "allow", "percentage_rollout": "percentage"}
#: Fields that hold ids.
IDS = ("allow", "deny")


def summary(view: View, name: str, *, ids: bool = False) -> dict[str, Any]:
    """One flag of the list: the three fields of old, and the rule with counts for ids."""
    flag = view.flags.get(name)
    document = {} if flag is None else flag.rule.as_document()
    made = shown(document, ids=ids)
    made = {
        "enabled": False,
        "user_whitelist_count": len(document.get("allow", ())),
        "percentage_rollout": document.get("percentage"),
        **made,
        "revision": revision(view, name),
    }
    if error := view.errors.get(name):
        made["error"] = mask_text(error)
    return made


def one(view: View, name: str, *, ids: bool = False) -> dict[str, Any]:
    """One flag: its document with counts for ids, its revision, what is wrong with it."""
    stored = view.answer.flags.get(name)
    flag = view.flags.get(name)
    document: Document = {} if stored is None or stored.document is None else stored.document
    if flag is not None and name not in view.errors:
        document = flag.rule.as_document()
    made = {**shown(document, ids=ids), "revision": revision(view, name)}
    if error := view.errors.get(name):
        made["error"] = mask_text(error)
    return made


def revision(view: View, name: str) -> int:
    """The revision of a flag; 0 where the store does not have it."""
    stored = view.answer.flags.get(name)
    return 0 if stored is None else stored.revision


def shown(document: Document, *, ids: bool) -> dict[str, Any]:
    """A document as it may leave: with counts in place of ids, unless they are asked for."""
    made = masked(dict(document))
    if ids:
        return dict(made)
    unit = document.get("unit", "user_id")
    return dict(_counted(made, str(unit)))


def _counted(value: Any, unit: str) -> Any:
    if isinstance(value, list):
        return [_counted(item, unit) for item in value]
    if not isinstance(value, dict):
        return value
    of_unit = value.get("attribute") == unit
    made: dict[str, Any] = {}
    for name, inner in value.items():
        if isinstance(inner, list) and (name in IDS or (of_unit and name != "attribute")):
            made[f"{name}_count"] = len(inner)
        else:
            made[name] = _counted(inner, unit)
    return made


def named(fields: Mapping[str, Any]) -> dict[str, Any]:
    """A body with the source document's names replaced; an empty ``user_whitelist`` is no list.

    :raises Refused: 422 where both names of a field are there.
    """
    both = [old for old, new in ALIASES.items() if old in fields and new in fields]
    if both:
        errors = [
            {"pointer": f"/{old}", "detail": f"is another name of {ALIASES[old]}, which is there"}
            for old in both
        ]
        raise Refused("shape", "a field is there by two names", errors=errors)
    made = {ALIASES.get(name, name): value for name, value in fields.items()}
    if fields.get("user_whitelist") == []:
        made["allow"] = None
    return made
