"""A plan: changes of flags with what they do to a population, to be read before it is applied.

A plan names the revision and the content of every flag that it was made on, and has a hash. It is
applied once: where one of those flags changed since, it is refused, and nothing is written.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from confkit.analysis.presentation import Presented
from confkit.errors import FlagConflict, InvalidPlan
from confkit.flags.client import Flags
from confkit.flags.rules.literals import Document
from confkit.flags.stores.port import Revision, Stored
from confkit.flags.writer import Wish

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Step:
    """One flag to write: its document before and after; None where there is no flag.

    ``widens`` says why it may take in more people; empty if it cannot.
    """

    flag: str
    old: Document | None
    new: Document | None
    widens: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Base:
    """The state of one flag that a plan was made on: revision 0 for one that does not exist.

    The content counts too: a file that is edited by hand counts no revisions.
    """

    revision: int
    digest: str

    @classmethod
    def of(cls, stored: Stored | None) -> Base:
        """The state of a flag in a store."""
        if stored is None:
            return cls(0, "")
        text = json.dumps([stored.document, stored.error], sort_keys=True)
        return cls(stored.revision, hashlib.sha256(text.encode()).hexdigest()[:16])


@dataclass(frozen=True, slots=True)
class Plan(Presented):
    """Steps, the state of the flags that they were made on, and their effect by flag.

    ``base`` has each flag that is changed or asked as a prerequisite. ``effects`` has the counts
    of :class:`confkit.analysis.Ramp` by flag,
    flags included that are not changed and need one that is; ``segments`` the same by segment.
    """

    steps: tuple[Step, ...]
    base: Mapping[str, Base]
    effects: Mapping[str, Mapping[str, int]]
    segments: Mapping[str, Mapping[str, Mapping[str, int]]]
    population: str
    synthetic: bool
    assumed: tuple[str, ...]
    author: str
    reason: str
    require_approval: bool

    @property
    def hash(self) -> str:
        """The sha256 of everything in the plan."""
        content = json.dumps(self._content(), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()

    def _content(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "author": self.author,
            "reason": self.reason,
            "require_approval": self.require_approval,
            "base": {name: asdict(state) for name, state in self.base.items()},
            "steps": [asdict(step) | {"widens": list(step.widens)} for step in self.steps],
            "population": self.population,
            "synthetic": self.synthetic,
            "assumed": list(self.assumed),
            "effects": {name: dict(counts) for name, counts in self.effects.items()},
            "segments": {
                name: {label: dict(counts) for label, counts in parts.items()}
                for name, parts in self.segments.items()
            },
        }

    def to_dict(self) -> dict[str, Any]:
        """The plan for machines and files: plain JSON values and its hash."""
        return {**self._content(), "hash": self.hash}

    @classmethod
    def from_dict(cls, content: Any) -> Plan:
        """The plan in a file.

        :raises confkit.InvalidPlan: when it is none, or was changed since it was made.
        """
        try:
            if content["format"] != FORMAT:
                raise InvalidPlan(
                    f"the plan has the format {content['format']!r:.20}, not {FORMAT}"
                )
            plan = cls(
                steps=tuple(
                    Step(s["flag"], s["old"], s["new"], tuple(s["widens"]))
                    for s in content["steps"]
                ),
                base={name: Base(**state) for name, state in content["base"].items()},
                effects=content["effects"],
                segments=content["segments"],
                population=content["population"],
                synthetic=content["synthetic"],
                assumed=tuple(content["assumed"]),
                author=content["author"],
                reason=content["reason"],
                require_approval=content["require_approval"],
            )
            same = plan.hash == content["hash"]
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise InvalidPlan(f"this is no plan ({type(error).__name__}: {error})") from None
        if not same:
            raise InvalidPlan("the plan was changed after it was made: make a new one")
        return plan

    @property
    def widens(self) -> bool:
        """Whether some step may take in more people."""
        return any(step.widens for step in self.steps)

    @property
    def headline(self) -> str:
        """What the plan is, and over whom it was counted."""
        count = len(self.steps)
        text = f"Plan {self.hash[:12]}: {count} change{'s' if count != 1 else ''}"
        text += f", counted over {self.population}" + (" (synthetic)" if self.synthetic else "")
        if self.assumed:
            text += f"; conditions on {', '.join(self.assumed)} taken to hold"
        return text

    @property
    def columns(self) -> Sequence[str]:
        """The heads of the columns."""
        return ("flag", "segment", "enter", "stay", "leave", "off", "change variant", "no id")

    @property
    def rows(self) -> Iterator[Sequence[str]]:
        """One row a flag and segment."""
        for name, counts in self.effects.items():
            yield _row(name, "", counts)
            for label, part in sorted(self.segments.get(name, {}).items()):
                yield _row("", label, part)


def _row(name: str, label: str, counts: Mapping[str, int]) -> Sequence[str]:
    groups = ("enter", "stay", "leave", "out", "change_variant", "missing")
    return (name, label, *(f"{counts[group]:,}" for group in groups))


# Applying


def apply_plan(
    flags: Flags,
    plan: Plan,
    *,
    by: str,
    reason: str = "",
    approved_by: str = "",
    require_approval: bool = False,
) -> list[Revision]:
    """Write the steps of a plan: all of them, or none.

    A step that somebody else is faster at takes the steps before it back.

    :param reason: why, for the record; by default the plan's own.
    :param approved_by: who approved it; recorded with each change. The name is not proved: what
        runs this has to know who asks.
    :raises confkit.InvalidPlan: when an approval is demanded, and nobody but the author gave it.
    :raises confkit.FlagConflict: when a flag that the plan was made on has changed since.
    :raises confkit.StoreError: when the store cannot be read or written.
    """
    _check_approval(plan, approved_by, demanded=plan.require_approval or require_approval)
    flags.refresh()
    _check_base(flags, plan)
    text = f"plan {plan.hash[:12]} by {plan.author or 'nobody'}"
    text += f", approved by {approved_by}" if approved_by else ""
    text += f": {reason or plan.reason}" if reason or plan.reason else ""
    done: list[Revision] = []
    try:
        for step in plan.steps:
            wish = Wish(step.flag, _fields(step), None, by, text, plan.base[step.flag].revision)
            done.append(flags.change(wish))
    except Exception as error:
        _take_back(flags, plan, done, by, error)
        raise
    return done


def _check_approval(plan: Plan, approver: str, *, demanded: bool) -> None:
    if not demanded:
        return
    if not approver.strip():
        raise InvalidPlan("the plan needs an approval: name who approved it (--approved-by)")
    if approver.strip().casefold() == plan.author.strip().casefold():
        raise InvalidPlan(f"{approver} made the plan: somebody else has to approve it")


def _check_base(flags: Flags, plan: Plan) -> None:
    stored = flags.view.answer.flags
    moved = []
    for name, state in plan.base.items():
        now = Base.of(stored.get(name))
        if now.revision != state.revision:
            moved.append(f"{name} is at revision {now.revision}, not {state.revision}")
        elif now != state:
            moved.append(f"{name} has another content")
    if moved:
        raise FlagConflict(f"the plan's base has moved: {'; '.join(moved)}: make a new plan")


def _fields(step: Step) -> Mapping[str, Any] | None:
    """Every field of the new document, and None for those that only the old one has."""
    if step.new is None:
        return None
    return {**dict.fromkeys(step.old or ()), **step.new}


def _take_back(
    flags: Flags, plan: Plan, done: Sequence[Revision], by: str, error: Exception
) -> None:
    """Undo the steps that were written; what cannot be undone is added to the error."""
    steps = {step.flag: step for step in plan.steps}
    reason = f"plan {plan.hash[:12]} could not be applied whole"
    for change in reversed(done):
        step = steps[change.name]
        back = _fields(Step(step.flag, step.new, step.old, ()))
        try:
            flags.change(Wish(step.flag, back, None, by, reason, change.revision))
        except Exception as failure:
            error.add_note(f"{step.flag} stays changed, at revision {change.revision}: {failure}")
