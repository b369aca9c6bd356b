"""Gradual configuration: ``${rollout:25%:new|old}`` gives the new value to a share of instances.

Each process decides by the id of its instance, with the bucket of :mod:`confkit.bucket`: raising
the share takes no instance back, and the same id decides the same everywhere. Two settings that
are to change on the same instances share a name: ``${rollout:pool@25%:20|5}``.
"""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Mapping
from dataclasses import dataclass

from confkit.bucket import bucket, steps
from confkit.errors import SecretError

#: The variable that names this instance; without it the name of the machine does.
INSTANCE = "CONFKIT_INSTANCE"
_FORM = re.compile(
    r"(?:(?P<name>[A-Za-z0-9_.-]{1,64})@)?(?P<share>[0-9]{1,3}(?:\.[0-9]{1,3})?)%:"
    r"(?P<new>[^|]*)\|(?P<old>.*)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Share:
    """What one instance decided about one gradual value.

    :ivar percentage: the share of instances that take the new value, in per cent.
    :ivar bucket: the bucket of this instance, 0 to 99,999; it is in below ``percentage * 1000``.
    :ivar instance: the id that was hashed.
    :ivar value: the text that this instance takes.
    """

    percentage: float
    bucket: int
    instance: str
    value: str

    @property
    def new(self) -> bool:
        """Whether this instance takes the new value."""
        return self.bucket < steps(self.percentage)

    def __str__(self) -> str:
        side, sign = ("new", "<") if self.new else ("old", ">=")
        share = f"{self.bucket / 1000:g} {sign} {self.percentage:g}"
        return f"the {side} value: bucket {share}, instance {self.instance}"


def instance_id(environ: Mapping[str, str] | None = None) -> str:
    """``$CONFKIT_INSTANCE``, else the name of the machine."""
    found = (os.environ if environ is None else environ).get(INSTANCE)
    return found or platform.node() or "unnamed"


def share(reference: str, instance: str) -> Share:
    """What an instance decides about ``25%:new|old`` or ``name@25%:new|old``.

    The salt is the name, else both values as they are written: a raised share keeps it.

    :raises SecretError: for a reference of another form, and a share above 100 %.
    """
    match = _FORM.fullmatch(reference)
    if match is None or float(match["share"]) > 100:
        raise SecretError(
            "a gradual value has the form ${rollout:25%:new|old} or ${rollout:name@25%:new|old}, "
            "with 0 to 100 % in steps of 0.001"
        )
    salt = match["name"] or f"{match['new']}|{match['old']}"
    percentage = float(match["share"])
    place = bucket(salt, instance)
    new = place < steps(percentage)
    return Share(percentage, place, instance, match["new"] if new else match["old"])


class RolloutResolver:
    """Answers ``${rollout:25%:new|old}`` for one instance."""

    secret = False

    def __init__(self, instance: str) -> None:
        self.instance = instance

    def resolve(self, reference: str) -> str:
        """The text that this instance takes.

        :raises SecretError: for a reference of another form.
        """
        return share(reference, self.instance).value
