"""From rules to answers: each rule compiled once, so that a question is a look-up and one hash.

The order: forced, unknown, disabled, deny, allow, prerequisites, conditions, percentage, on.
Pure but for the clock, which only flags with a schedule read.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from confkit import clocks
from confkit.bucket import bytes_threshold, steps, unit_text
from confkit.flags.rules.conditions import Condition
from confkit.flags.rules.decision import Decision, Reason
from confkit.flags.rules.model import Rule
from confkit.flags.rules.rollout import Rollout, cuts, digest_and_bucket, variant_of
from confkit.flags.rules.values import own

#: How many flags may stand behind each other as prerequisites.
MAX_CHAIN = 50

Attributes = Mapping[str, Any]


class Answer(Protocol):
    """What answers for one flag.

    ``constant`` is the answer where it is the same for all, else None. Where ``prefix`` is not
    None one hash decides: on if ``md5(prefix + unit id) < bound``, of the attribute ``unit``.
    """

    @property
    def constant(self) -> bool | None: ...
    @property
    def prefix(self) -> bytes | None: ...
    @property
    def unit(self) -> str: ...
    @property
    def bound(self) -> bytes: ...

    def decide(
        self, attributes: Attributes, table: Table, met: dict[str, Decision | None] | None = None
    ) -> Decision | None:
        """The answer for a context, with its reason; None where nothing is known of the flag."""
        ...


#: Every flag of one moment, by name.
Table = Mapping[str, Answer]


class Compiled:
    """A rule ready to be asked.

    ``constant`` is the answer where the rule gives the same to all, else None; ``prefix`` and
    ``bound`` stand where one hash decides: on if ``md5(prefix + unit id) < bound``, as bytes.
    """

    __slots__ = (
        "allow",
        "bound",
        "clock",
        "conditions",
        "constant",
        "cuts",
        "deny",
        "listed",
        "name",
        "off",
        "prefix",
        "revision",
        "rule",
        "schedule",
        "unit",
        "values",
    )

    def __init__(
        self, rule: Rule, revision: int | None = None, clock: Callable[[], float] = clocks.time
    ) -> None:
        self.name = rule.name
        self.rule = rule
        self.revision = revision
        self.clock = clock
        self.unit = rule.unit
        self.deny = frozenset(rule.deny)
        self.allow = frozenset(rule.allow or ())
        self.listed = bool(rule.deny or rule.allow)
        self.conditions: tuple[tuple[Condition, str, Callable[[Any], bool]], ...] = tuple(
            (condition, *condition.compiled()) for condition in rule.conditions
        )
        self.schedule = tuple((step.at.timestamp(), step.percentage) for step in rule.schedule)
        self.cuts = cuts(rule.variants)
        self.values: dict[str, Any] = dict(rule.values)
        self.off: Any = self.values.get(rule.off_variant)
        self.constant = self._constant()
        self.prefix: bytes | None = None
        self.bound = b""
        plain = not (self.listed or rule.prerequisites or rule.conditions or rule.schedule)
        rollout = rule.rollout
        if plain and self.constant is None and rollout and rollout.scheme == "md5-32":
            self.prefix = f"{rollout.salt}:".encode()
            self.bound = bytes_threshold(rollout.percentage)

    def _constant(self) -> bool | None:
        rule = self.rule
        if not rule.enabled:
            return False
        if self.listed or rule.prerequisites or rule.conditions or rule.schedule:
            return None
        if rule.percentage is None:
            return rule.allow is None  # an empty allow-list allows nobody
        if rule.percentage == 100:
            return True
        return False if rule.percentage == 0 else None

    def decide(
        self, attributes: Attributes, table: Table, met: dict[str, Decision | None] | None = None
    ) -> Decision:
        """The answer for a context, with its reason.

        ``table`` answers the prerequisites; ``met`` keeps what they said, so that flags which
        share prerequisites ask each of them once.
        """
        rule = self.rule
        if not rule.enabled:
            return self._decision(False, Reason.DISABLED, "disabled")
        given = attributes.get(self.unit)
        unit = None if given is None else unit_text(given)
        if given is not None and unit is None and self._reads_unit():
            kind = "text without UTF-8" if isinstance(given, str) else type(given).__name__
            detail = f"{self.unit} is {kind}, and an id is text or an integer"
            return self._decision(False, Reason.INVALID_UNIT, detail)
        if self.listed and unit is not None:
            if unit in self.deny:
                return self._decision(False, Reason.DENIED, "on the deny-list", unit)
            if unit in self.allow:
                return self._decision(True, Reason.ALLOWED, "on the allow-list", unit)
        for name, wanted in rule.prerequisites:
            met = {} if met is None else met
            if name not in met and (flag := table.get(name)) is not None:
                met[name] = flag.decide(attributes, table, met)
            if (found := _state(met.get(name), wanted)) is not None:
                detail = f"the prerequisite {name} is {found}"
                return self._decision(False, Reason.PREREQUISITE, detail, unit)
        for condition, attribute, holds in self.conditions:
            if not holds(attributes.get(attribute)):
                detail = f"the condition does not hold: {condition}"
                return self._decision(False, Reason.CONDITIONS, detail, unit)
        percentage = self.percentage()
        if percentage is None:
            if self.rule.allow is not None:
                return self._decision(False, Reason.NOT_ALLOWED, "not on the allow-list", unit)
            return self._decision(True, Reason.ON, "on", unit)
        return self._share(percentage, unit)

    def percentage(self) -> float | None:
        """The percentage that holds now: of the latest step that has come, else the rule's."""
        if self.schedule:
            place = bisect_right(self.schedule, (self.clock(), 100.0))
            if place:
                return self.schedule[place - 1][1]
            return self.rule.percentage or 0
        return self.rule.percentage

    def _reads_unit(self) -> bool:
        partial = self.percentage() not in (None, 0, 100)
        return self.listed or partial

    def _share(self, percentage: float, unit: str | None) -> Decision:
        if percentage == 100:
            return self._decision(True, Reason.ON, "on for 100 %", unit)
        if percentage == 0:
            return self._decision(False, Reason.OUT_OF_ROLLOUT, "on for 0 %", unit)
        if unit is None:
            detail = f"a rollout at {percentage:g} % needs an id, and there is no {self.unit}"
            return self._decision(False, Reason.NO_UNIT, detail)
        _, bucket = digest_and_bucket(self._rollout(percentage), unit)
        if bucket < steps(percentage):
            detail = f"in the rollout: bucket {bucket / 1000:.3f} < {percentage:g}"
            return self._decision(True, Reason.IN_ROLLOUT, detail, unit, bucket)
        detail = f"outside the rollout: bucket {bucket / 1000:.3f} >= {percentage:g}"
        return self._decision(False, Reason.OUT_OF_ROLLOUT, detail, unit, bucket)

    def _rollout(self, percentage: float) -> Rollout:
        rule = self.rule
        return Rollout(percentage, rule.salt or rule.name, rule.unit, rule.scheme)

    def _decision(
        self,
        value: bool,
        reason: Reason,
        detail: str,
        unit: str | None = None,
        bucket: int | None = None,
    ) -> Decision:
        variant = None
        if value and len(self.cuts) == 1:
            variant = self.cuts[0][1]  # the same for everybody, with an id or without
        elif value and self.cuts and unit is not None:
            variant = variant_of(digest_and_bucket(self._rollout(100), unit)[0], self.cuts)
        payload = None
        if self.values:
            payload = own(self.values.get(variant or "") if value else self.off)
        return Decision(
            self.name, value, reason, detail, bucket, self.revision, variant, unit, payload
        )


class Fixed:
    """A flag that gives one answer whatever its rule is: forced, or stale."""

    __slots__ = (
        "constant",
        "name",
        "off",
        "payload",
        "prefix",
        "reason",
        "said",
        "values",
        "variant",
    )

    unit = ""
    bound = b""

    def __init__(
        self,
        name: str,
        value: bool,
        reason: Reason,
        said: str,
        variant: str | None = None,
        payload: Any = None,
    ) -> None:
        self.name = name
        self.constant: bool | None = value
        self.prefix: bytes | None = None
        self.reason = reason
        self.said = said
        self.variant = variant
        self.payload = payload
        self.values: Mapping[str, Any] = {}
        self.off: Any = None

    def over(self, below: Answer | None) -> Fixed:
        """The same answer, with the value that the flag ``below`` has for it."""
        values: Mapping[str, Any] = getattr(below, "values", {})
        if not values:
            return self
        off = getattr(below, "off", None)
        payload = self.payload
        if payload is None:
            payload = values.get(self.variant or "") if self.constant else off
        made = Fixed(
            self.name, self.constant is True, self.reason, self.said, self.variant, payload
        )
        made.values, made.off = values, off
        return made

    def decide(self, attributes: Attributes, table: Any, met: Any = None) -> Decision:
        """The same for every context."""
        return Decision(
            self.name,
            self.constant is True,
            self.reason,
            self.said,
            variant=self.variant,
            payload=own(self.payload),
        )


def _state(decision: Decision | None, wanted: bool | str) -> str | None:
    """None if a prerequisite stands as wanted, else how it stands."""
    if decision is None:
        return "unknown"
    if isinstance(wanted, bool):
        return None if decision.value is wanted else ("on" if decision.value else "off")
    if decision.variant == wanted:
        return None
    return f"at the variant {decision.variant}" if decision.variant else "not at a variant"


def chain_faults(wanted: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """The flags whose prerequisites lead back to themselves or too far, each with its fault.

    ``wanted`` has the prerequisites of every flag. What merely leads to a cycle is not at fault.
    """
    faults: dict[str, str] = {}
    depth: dict[str, int] = {}
    for start in wanted:
        if start in depth:
            continue
        # By hand, since a chain as long as the store would exhaust the interpreter's stack.
        path: list[str] = []
        place: dict[str, int] = {}
        todo: list[tuple[str, bool]] = [(start, False)]
        while todo:
            name, leaving = todo.pop()
            if leaving:
                path.pop()
                del place[name]
                depth[name] = 1 + max((depth.get(n, 0) for n in wanted[name]), default=0)
                if depth[name] > MAX_CHAIN:
                    faults.setdefault(name, f"more than {MAX_CHAIN} flags stand behind each other")
            elif name in place:
                cycle = path[place[name] :]
                said = "a cycle: " + " -> ".join((*cycle, name))
                faults.update(dict.fromkeys(cycle, said))
            elif name not in depth and name in wanted:
                place[name] = len(path)
                path.append(name)
                todo.append((name, True))
                todo.extend((n, False) for n in wanted[name])
    return faults


def prerequisites_of(rules: Mapping[str, Rule]) -> dict[str, tuple[str, ...]]:
    """The names of every flag's prerequisites, for :func:`chain_faults`."""
    return {name: tuple(p.name for p in rule.prerequisites) for name, rule in rules.items()}
