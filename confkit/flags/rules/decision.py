"""What a question gives: on or off, a variant, a value, and the reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any


class Reason(StrEnum):
    """Why a flag is on or off: stable codes for machines; ``str(decision)`` is for people."""

    FORCED = "forced"
    UNKNOWN = "unknown"
    STALE = "stale"
    DISABLED = "disabled"
    DENIED = "denied"
    ALLOWED = "allowed"
    NOT_ALLOWED = "not-allowed"
    PREREQUISITE = "prerequisite"
    CONDITIONS = "conditions"
    IN_ROLLOUT = "in-rollout"
    OUT_OF_ROLLOUT = "out-of-rollout"
    NO_UNIT = "no-unit"
    INVALID_UNIT = "invalid-unit"
    ON = "on"
    ERROR = "error"


#: Why, in the words of OpenFeature. What is not listed here is a rule's doing.
OPENFEATURE_REASONS: Mapping[str, str] = {
    Reason.DISABLED: "DISABLED",
    Reason.ON: "STATIC",
    Reason.FORCED: "STATIC",
    Reason.IN_ROLLOUT: "SPLIT",
    Reason.OUT_OF_ROLLOUT: "SPLIT",
    Reason.UNKNOWN: "UNKNOWN",
    Reason.STALE: "UNKNOWN",
    Reason.ERROR: "UNKNOWN",
    Reason.NO_UNIT: "UNKNOWN",
    Reason.INVALID_UNIT: "UNKNOWN",
}


@dataclass(frozen=True, slots=True, repr=False)
class Decision:
    """An answer and its reason; true when the flag is on.

    :ivar name: the name of the flag.
    :ivar value: whether it is on.
    :ivar reason: why, as a stable code.
    :ivar detail: why, as a sentence for people.
    :ivar bucket: where a rollout decided, the bucket of the unit: 0 to 99,999, one is 0.001 %.
    :ivar revision: the revision of the rule; None where no rule was asked.
    :ivar variant: the variant; None where it is off or has none.
    :ivar unit: the id that was hashed or looked up.
    :ivar payload: the value of the variant, or of ``off_variant`` where it is off; None where the
        flag has no values.
    """

    name: str
    value: bool
    reason: Reason
    detail: str = ""
    bucket: int | None = None
    revision: int | None = None
    variant: str | None = None
    unit: str | None = None
    payload: Any = field(default=None, hash=False)

    def __bool__(self) -> bool:
        return self.value

    def __repr__(self) -> str:
        return f"<Decision {self}>"  # a failed assertion gives the reason

    def __str__(self) -> str:
        state = "on" if self.value else "off"
        if self.variant is not None:
            state += f", variant {self.variant}"
        why = self.detail or self.reason.value
        return (
            f"{self.name}={state} ({why}{f', unit {self.unit}' if self.unit is not None else ''})"
        )

    def _repr_html_(self) -> str:
        from confkit.flags.rules.display import decision_html  # for notebooks only

        return decision_html(self)

    def as_dict(self) -> dict[str, Any]:
        """The decision for machines: plain JSON values."""
        return {field.name: getattr(self, field.name) for field in fields(self)} | {
            "reason": self.reason.value,
            "text": str(self),
        }
