"""Flags to clean up: a flag that has done its work is a branch nobody takes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from confkit.flags.client import Flags
from confkit.flags.rules.evaluation import Compiled

#: How many records are searched for the last change of each flag.
RECORDS = 10_000


@dataclass(frozen=True, slots=True)
class UnusedFlag:
    """A flag to clean up, why, whose it is, and since when (ISO 8601, empty: not on record)."""

    name: str
    why: str
    owner: str = ""
    since: str = ""


def unused_flags(flags: Flags, *, days: int = 30) -> list[UnusedFlag]:
    """Flags to clean up: past their expiry, the same for everyone for long, or on one side only.

    Whether a stored flag is missing in the code is judged only where the client has declarations.

    :param flags: the client whose store and declarations are looked at.
    :param days: how long a flag must have been the same for everyone.
    :raises confkit.StoreError: when the history cannot be read.
    """
    view, declarations = flags.view, flags.declared
    now = datetime.fromtimestamp(flags.clock(), UTC)
    longest = timedelta(days=days)
    changed: dict[str, str] = {}
    for record in flags.history(limit=RECORDS):
        changed[record.name] = max(record.at, changed.get(record.name, ""))
    found: list[UnusedFlag] = []
    for name, flag in sorted(view.flags.items()):
        declared = declarations.get(name)
        owner = flag.rule.owner or (declared.owner if declared else "")
        since = max(changed.get(name, ""), _last_step(flag, now))
        expires = flag.rule.expires or (declared.expires if declared else None)
        if expires is not None and expires < now.date():
            found.append(UnusedFlag(name, f"expired on {expires}", owner, since))
        elif (
            (state := _settled(flag, now))
            and since
            and now - datetime.fromisoformat(since) > longest
        ):
            found.append(UnusedFlag(name, f"{state} for more than {days} days", owner, since))
        if declarations and declared is None:
            found.append(UnusedFlag(name, "stored and not declared in the code", owner, since))
    for name, declared in sorted(declarations.items()):
        if name not in view.flags:
            if declared.expires is not None and declared.expires < now.date():
                found.append(UnusedFlag(name, f"expired on {declared.expires}", declared.owner))
            found.append(UnusedFlag(name, "declared and not in the store", declared.owner))
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
