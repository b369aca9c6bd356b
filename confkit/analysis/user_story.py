"""One unit, from its id to the answer: the text that is hashed, the bucket, and every step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from confkit.bucket import BUCKETS, digest, legacy_digest
from confkit.flags.rules.decision import Decision, Reason
from confkit.flags.rules.evaluation import Compiled, Table
from confkit.flags.rules.rollout import Rollout, digest_and_bucket

State = Literal["ok", "fails", "no"]


@dataclass(frozen=True)
class Step:
    """One question of a rule: its answer decides (``last``), or the next one is asked."""

    text: str
    state: State
    last: bool = False


@dataclass(frozen=True)
class UserStory:
    """One unit and one flag.

    ``bucket`` is that of the unit, whether or not it decided; ``hexes`` the digest that it is
    made of; ``point`` where the variant is drawn, 0 to 1.
    """

    unit: str
    attribute: str
    text: str
    hexes: str
    bucket: int
    point: float
    decision: Decision
    steps: tuple[Step, ...]

    @property
    def word(self) -> int:
        """The first eight digits as a number."""
        return int(self.hexes[:8], 16)


def user_story(
    flag: Compiled,
    unit: str,
    table: Table | None = None,
    attributes: Mapping[str, Any] | None = None,
) -> UserStory:
    """Follow one unit through a flag."""
    rule = flag.rule
    rollout = Rollout(100, rule.salt or rule.name, rule.unit, rule.scheme)
    context = {**(attributes or {}), flag.unit: unit}
    decision = flag.decide(context, table or {})
    legacy = rule.scheme == "legacy-md5-100"
    text = unit if legacy else f"{rollout.salt}:{unit}"
    hashed = legacy_digest(unit) if legacy else digest(rollout.salt, unit)
    _, bucket = digest_and_bucket(rollout, unit)
    steps = tuple(_steps(flag, decision, context))
    return UserStory(
        unit,
        flag.unit,
        text,
        hashed.hex(),
        bucket,
        int.from_bytes(hashed[4:8], "big") / 2**32,
        decision,
        steps,
    )


_LEVEL = {
    Reason.DISABLED: 0,
    Reason.INVALID_UNIT: 0,
    Reason.DENIED: 1,
    Reason.ALLOWED: 2,
    Reason.PREREQUISITE: 3,
    Reason.CONDITIONS: 4,
}


def _steps(flag: Compiled, decision: Decision, context: Mapping[str, Any]) -> list[Step]:
    rule, reached = flag.rule, _LEVEL.get(decision.reason, 5)
    found = [Step("the flag is enabled", "ok")]
    if reached == 0:
        return [Step(decision.detail, "fails", last=True)]
    if rule.deny:
        if reached == 1:
            return [*found, Step(decision.detail, "fails", last=True)]
        found.append(Step(f"not on the deny-list ({_ids(rule.deny)})", "no"))
    if rule.allow:
        if reached == 2:
            return [*found, Step(decision.detail, "ok", last=True)]
        found.append(Step(f"not on the allow-list ({_ids(rule.allow)})", "no"))
    if rule.prerequisites:
        if reached == 3:
            return [*found, Step(decision.detail, "fails", last=True)]
        found += [Step(f"{p.name} is {_wanted(p.value)}", "ok") for p in rule.prerequisites]
    for condition, attribute, holds in flag.conditions:
        given = context.get(attribute)
        shown = "is missing" if given is None else f"is {given}"
        text = f"{condition} ({attribute} {shown})"
        if not holds(given):
            return [*found, Step(text, "fails", last=True)]
        found.append(Step(text, "ok"))
    return [*found, Step(decision.detail, "ok" if decision.value else "fails", last=True)]


def _ids(names: tuple[str, ...]) -> str:
    return f"{len(names):,} id{'s' * (len(names) != 1)}"


def _wanted(value: bool | str) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"at {value}"


def percent_of(bucket: int) -> float:
    """A bucket as per cent."""
    return bucket * 100 / BUCKETS


def as_test(story: UserStory, attributes: Mapping[str, Any] | None = None) -> str:
    """A pytest test, for the fixture ``flags``, that holds this answer."""
    decision, flag = story.decision, story.decision.name
    context = {story.attribute: story.unit, **(attributes or {})}
    given = "{" + ", ".join(f"{name!r}: {value!r}" for name, value in context.items()) + "}"
    name = "".join(ch if ch.isalnum() and ch.isascii() else "_" for ch in f"{flag}_{story.unit}")
    lines = [
        f"def test_{name.lower()}(flags):",
        f"    decision = flags.decide({flag!r}, {given})",
        f"    assert decision.value is {decision.value}",
    ]
    if decision.variant is not None:
        lines.append(f"    assert decision.variant == {decision.variant!r}")
    return "\n".join(lines) + "\n"
