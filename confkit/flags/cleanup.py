"""Flags to clean up: a flag that has done its work is a branch nobody takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from confkit.flags.replica.view import View
from confkit.flags.rules.evaluation import Compiled
from confkit.flags.rules.model import Flag
from confkit.flags.stores.port import Revision


@dataclass(frozen=True, slots=True)
class StaleFlag:
    """A flag to clean up, why, whose it is, and since when (ISO 8601, empty: not on record)."""

    name: str
    why: str
    owner: str = ""
    since: str = ""


def stale_flags(
    view: View,
    declarations: Mapping[str, Flag],
    history: Iterable[Revision],
    now: datetime,
    days: int,
) -> list[StaleFlag]:
    """Flags past their expiry, the same for everyone for ``days``, or on one side only.

    Whether a stored flag is missing in the code is only judged where there are declarations.
    """
    longest = timedelta(days=days)
    changed: dict[str, str] = {}
    for record in history:
        changed[record.name] = max(record.at, changed.get(record.name, ""))
    found: list[StaleFlag] = []
    for name, flag in sorted(view.flags.items()):
        declared = declarations.get(name)
        owner = flag.rule.owner or (declared.owner if declared else "")
        since = max(changed.get(name, ""), _last_step(flag, now))
        expires = flag.rule.expires or (declared.expires if declared else None)
        if expires is not None and expires < now.date():
            found.append(StaleFlag(name, f"expired on {expires}", owner, since))
        elif (
            (state := _settled(flag, now))
            and since
            and now - datetime.fromisoformat(since) > longest
        ):
            found.append(StaleFlag(name, f"{state} for more than {days} days", owner, since))
        if declarations and declared is None:
            found.append(StaleFlag(name, "stored and not declared in the code", owner, since))
    for name, declared in sorted(declarations.items()):
        if name not in view.flags:
            if declared.expires is not None and declared.expires < now.date():
                found.append(StaleFlag(name, f"expired on {declared.expires}", declared.owner))
            found.append(StaleFlag(name, "declared and not in the store", declared.owner))
    return found


def _settled(flag: Compiled, now: datetime) -> str:
    """How the flag answers everyone, if it does and no schedule will change that."""
    rule = flag.rule
    constant = flag.constant
    if rule.schedule and rule.schedule[-1].at <= now:
        share = rule.schedule[-1].percentage
        constant = Compiled(replace(rule, schedule=(), percentage=share)).constant
    if constant is not None and not rule.variants:
        return "on for everyone" if constant else "off for everyone"
    return ""


def _last_step(flag: Compiled, now: datetime) -> str:
    """When a schedule that has run out ended, written as records are; else empty."""
    steps = flag.rule.schedule
    if not steps or steps[-1].at > now:
        return ""
    return steps[-1].at.astimezone(UTC).isoformat(timespec="milliseconds")
