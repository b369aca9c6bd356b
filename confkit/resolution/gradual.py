"""Gradual configuration: ``${rollout:25%:new|old}`` gives the new value to a share of instances.

Each process decides by the id of its instance, with the bucket of :mod:`confkit.bucket`: raising
the share takes no instance back, and the same id decides the same everywhere. Two settings that
are to change on the same instances share a name: ``${rollout:pool@25%:20|5}``.
"""

from __future__ import annotations

import platform
import re
from collections.abc import Callable
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


def share(reference: str, instance: str) -> Share:
    """What an instance decides about ``25%:new|old`` or ``name@25%:new|old``.

    The salt is the name, else both values as they are written: a raised share keeps it.

    Both values are plain text: ``$$`` in them stands for a dollar sign.

    :raises SecretError: for another form, a share above 100 %, and ``${`` in a value.
    """
    match = _FORM.fullmatch(reference)
    if match is None or float(match["share"]) > 100:
        raise SecretError(
            "a gradual value has the form ${rollout:25%:new|old} or ${rollout:name@25%:new|old}, "
            "with 0 to 100 % in steps of 0.001"
        )
    if "${" in reference.replace("$$", ""):
        raise SecretError("a gradual value is plain text: nothing is looked for in it")
    salt = match["name"] or f"{match['new']}|{match['old']}"
    percentage = float(match["share"])
    place = bucket(salt, instance)
    new = place < steps(percentage)
    value = match["new"] if new else match["old"]
    return Share(percentage, place, instance, value.replace("$$", "$"))


class RolloutResolver:
    """Answers ``${rollout:25%:new|old}`` for one instance.

    :param instance: its id; empty: ``$CONFKIT_INSTANCE`` of the load, else the machine's name.
    """

    secret = False

    def __init__(self, instance: str = "") -> None:
        self.instance = instance

    def with_variables(self, look_up: Callable[[str], str | None]) -> RolloutResolver:
        """The resolver of one load."""
        return RolloutResolver(self.instance or look_up(INSTANCE) or platform.node() or "unnamed")

    def share(self, reference: str) -> Share:
        """What this instance decides, and why.

        :raises SecretError: for a reference of another form.
        """
        return share(reference, self.instance)

    def resolve(self, reference: str) -> str:
        """The text that this instance takes.

        :raises SecretError: for a reference of another form.
        """
        return self.share(reference).value
