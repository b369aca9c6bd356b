"""Decisions as OFREP 0.3 has them: pure.

A provider needs a variant and a reason of its own list in every answer, and takes its default where
there is no value.
"""

from __future__ import annotations

from typing import Any

from confkit.admin.problems import Refused
from confkit.flags.rules.decision import OPENFEATURE_REASONS, Decision


def success(decision: Decision, *, texts: bool, public: bool) -> dict[str, Any]:
    """One decision.

    :param texts: whether the flag has variants: then the value is that of the variant, or its name
        where it has none, and a flag that is off has none, so that the default in code counts,
        unless it has one for that.
    :param public: for everybody to see: nothing of the rule.
    """
    made: dict[str, Any] = {
        "key": decision.name,
        "reason": OPENFEATURE_REASONS.get(decision.reason, "TARGETING_MATCH"),
        "variant": decision.variant or ("on" if decision.value else "off"),
    }
    if decision.payload is not None:
        made["value"] = decision.payload
    elif not texts:
        made["value"] = decision.value
    elif decision.variant is not None:
        made["value"] = decision.variant
    if not public:
        made["metadata"] = {"reason": decision.reason.value}
        if decision.revision is not None:
            made["metadata"]["revision"] = decision.revision
    return made


def not_found(key: str) -> dict[str, Any]:
    """There is no such flag, or none that this client may ask for."""
    return {"key": key, "errorCode": "FLAG_NOT_FOUND", "errorDetails": "there is no such flag"}


def failure(code: str, details: str, key: str | None = None) -> dict[str, Any]:
    """A request that cannot be answered; ``key`` where it is for one flag."""
    made = {} if key is None else {"key": key}
    return {**made, "errorCode": code, "errorDetails": details}


def attributes(content: Any) -> dict[str, Any]:
    """The attributes of a request's context; ``targetingKey`` is the user id.

    :raises Refused: for a body without a context, and a key that is no text.
    """
    context = content.get("context") if isinstance(content, dict) else None
    if not isinstance(context, dict):
        raise Refused("shape", "the body is an object with the object context")
    found = dict(context)
    key = found.pop("targetingKey", None)
    if key is not None:
        if not isinstance(key, str):
            raise Refused("shape", "targetingKey is a text")
        found.setdefault("user_id", key)
    return found
