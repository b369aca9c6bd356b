"""Whether a change of a rule may take in more people than before, and why: pure.

Only switching off, a lower percentage with the same salt, unit and scheme, fewer allowed or more
denied ids, and added conditions or prerequisites narrow; everything else that says who is on
counts as widening. How many enter depends on the people: ``confkit.analysis.ramp_of`` counts them.
"""

from __future__ import annotations

from collections.abc import Iterator

from confkit.flags.rules.model import Rule


def widening(old: Rule | None, new: Rule | None) -> tuple[str, ...]:
    """Why ``new`` may be on for somebody for whom ``old`` is off; empty if it cannot be.

    :param old: the rule before; None: there was no flag, which is off for everyone.
    :param new: the rule after; None: the flag is deleted, and answers its default.
    """
    if new is None or is_off(new):
        return ()
    if old is None:
        return (f"the flag is new, on for {audience(new)}",)
    if not old.enabled:
        return (f"the flag is switched on, for {audience(new)}",)
    if is_on(old) and old.variants == new.variants:
        return ()
    return tuple(_reasons(old, new))


def is_on(rule: Rule) -> bool:
    """Whether a rule is on for everyone, whatever their attributes."""
    limits = rule.deny or rule.conditions or rule.prerequisites or rule.schedule
    return rule.enabled and not limits and base_share(rule) == 100


def is_off(rule: Rule) -> bool:
    """Whether a rule is off for everyone, whatever their attributes."""
    if not rule.enabled:
        return True
    return not rule.allow and not rule.schedule and base_share(rule) == 0


def base_share(rule: Rule) -> float:
    """The percentage that a rule gives those on no list, before any schedule."""
    if rule.percentage is not None:
        return rule.percentage
    return 0 if rule.allow is not None or rule.schedule else 100


def audience(rule: Rule) -> str:
    """Who a rule is on for, in a few words."""
    parts = []
    if rule.schedule:
        parts.append("a share by schedule")
    elif (share := base_share(rule)) == 100:
        parts.append("everyone")
    elif share:
        parts.append(f"{share:g} %")
    if rule.allow:
        parts.append(f"{len(rule.allow)} listed")
    text = " and ".join(parts) or "nobody"
    return text + (" who meet its conditions" if rule.conditions else "")


def _reasons(old: Rule, new: Rule) -> Iterator[str]:
    if freed := len(set(old.deny) - set(new.deny)):
        yield f"{_ids(freed)} no longer denied"
    if added := len(set(new.allow or ()) - set(old.allow or ())):
        yield f"{_ids(added)} added to the allow-list"
    if new.unit != old.unit and (old.deny or new.allow):
        yield f"the lists are looked up by {new.unit}, no longer by {old.unit}"
    yield from _of_share(old, new)
    yield from _of_restrictions(old, new)
    if old.variants != new.variants:
        yield "the variants are others"


def _of_share(old: Rule, new: Rule) -> Iterator[str]:
    before, after = base_share(old), base_share(new)
    if old.schedule != new.schedule and (new.schedule or after):
        yield "the schedule is another one"
    elif after > before:
        yield f"the percentage rises from {before:g} to {after:g}"
    elif new.schedule or 0 < after <= before < 100:
        # The same share of other people: those who enter are as many as those who leave.
        for name, was, now in (
            ("salt", old.salt or old.name, new.salt or new.name),
            ("unit", old.unit, new.unit),
            ("scheme", old.scheme, new.scheme),
        ):
            if was != now:
                yield f"the {name} is {now}, no longer {was}: the percentage takes in others"
                return


def _of_restrictions(old: Rule, new: Rule) -> Iterator[str]:
    if dropped := [condition for condition in old.conditions if condition not in new.conditions]:
        yield f"no longer asked for: {'; '.join(map(str, dropped))}"
    if lifted := [p.name for p in old.prerequisites if p not in new.prerequisites]:
        yield f"no longer needed: {', '.join(lifted)}"


def _ids(count: int) -> str:
    return f"{count} id is" if count == 1 else f"{count} ids are"
