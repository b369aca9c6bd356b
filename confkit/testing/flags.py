"""Flags in tests: forced, seen, and asked which bucket a unit is in."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from confkit.errors import InvalidFlag, UnknownFlag
from confkit.flags import everywhere
from confkit.flags.client import Flags
from confkit.flags.overrides import Forced, check_override, forced
from confkit.flags.rules.decision import Decision
from confkit.flags.rules.evaluation import Compiled
from confkit.flags.rules.model import Flag, Rule, name_of
from confkit.flags.rules.rollout import Rollout, digest_and_bucket
from confkit.testing.temporary import Temporary

if TYPE_CHECKING:
    from confkit.flags.overrides import Override

Table = Mapping[str, Compiled]

#: How many units :func:`find_unit` tries.
UNITS = 100_000


class override_flags(Temporary):  # noqa: N801 - used like a function
    """Force flags in every ``Flags`` of the process, those made later too.

    >>> with override_flags({"new-checkout": True, "theme": "dark"}):
    ...     flags.enabled("new-checkout"), flags.variant("theme")
    (True, 'dark')

    :param values: by flag (name, declaration or enum member): True, False or a variant's name.
    :param where: only for contexts with these attributes: ``where={"user_id": "42"}``.
    :param flags: only in this client.
    :raises confkit.UnknownFlag: for a name that is nearly that of a known flag.
    :raises confkit.InvalidFlag: for a name that cannot be one.
    :raises TypeError: for a value that cannot be forced.
    """

    def __init__(
        self,
        values: Mapping[Any, Forced],
        /,
        *,
        where: Mapping[str, Any] | None = None,
        flags: Flags | None = None,
        site: str | None = None,
    ) -> None:
        super().__init__(site)
        forced(values, self.site)  # refused now, where it is written, and not when it is applied
        self.values = dict(values)
        self.where = where
        self.flags = flags
        self.what = f"flags {', '.join(name_of(flag) for flag in values)}"
        self._override: Override | None = None

    def _set(self) -> None:
        if self.flags is not None:
            check_flags(self.values, [self.flags])
        else:
            check_in_use(self.values)
        if self.flags is None:
            override = everywhere.force(self.values, site=self.site, where=self.where)
        else:
            override = self.flags.override(self.values, where=self.where)
        self._override = override.apply()

    def _undo(self) -> None:
        if self._override is not None:
            self._override.remove()


def check_flags(
    values: Mapping[Any, Forced], clients: Sequence[Flags], known: Iterable[str] = ()
) -> None:
    """Refuse what is probably a slip in the name of a flag or a variant.

    :param known: further flags, declared elsewhere.
    :raises confkit.UnknownFlag: for a name that no client knows, and that is nearly a known one.
    :raises confkit.InvalidFlag: for a variant that the flag of a client does not have.
    """
    every = {name for client in clients for name in client.known}.union(known)
    check_override(values, every, lambda name: None)
    for client in clients:
        rules = {name: compiled.rule for name, compiled in client.view.flags.items()}
        check_override(values, every, rules.get)


def check_in_use(values: Mapping[Any, Forced], known: Iterable[str] = ()) -> None:
    """The same for the clients in use, where one that is garbage refuses nothing.

    :raises confkit.UnknownFlag: as :func:`check_flags`.
    :raises confkit.InvalidFlag: as :func:`check_flags`.
    """
    with contextlib.suppress(UnknownFlag, InvalidFlag):
        return check_flags(values, everywhere.clients(), known)
    return check_flags(values, everywhere.clients(collected=True), known)


class record_flags(Temporary):  # noqa: N801 - used like a function
    """Every decision of every ``Flags`` while it is in force, in the order of the questions.

    >>> with record_flags() as seen:
    ...     _ = flags.enabled("new-checkout", user_id="42")
    >>> seen.assert_evaluated("new-checkout", times=1)
    """

    what = "recording of flags"

    def __init__(self, *, site: str | None = None) -> None:
        super().__init__(site)
        self.decisions: list[Decision] = []
        self._stop: Callable[[], None] | None = None

    def _set(self) -> None:
        self._stop = everywhere.observe(self.decisions.append)

    def _undo(self) -> None:
        if self._stop is not None:
            self._stop()

    def __iter__(self) -> Iterator[Decision]:
        return iter(list(self.decisions))

    def of(self, flag: str | Flag | Any) -> list[Decision]:
        """The decisions on one flag."""
        return [decision for decision in self if decision.name == name_of(flag)]

    def assert_evaluated(
        self, flag: str | Flag | Any, *, times: int | None = None, value: bool | None = None
    ) -> None:
        """Fail unless a flag was asked: at all, this often, or with this answer.

        :raises AssertionError: with what was asked instead.
        """
        name, found = name_of(flag), self.of(flag)
        if value is not None:
            found = [decision for decision in found if decision.value is value]
        if (times is None and found) or len(found) == times:
            return
        wanted = "at least once" if times is None else f"{times} times"
        answer = "" if value is None else f" as {'on' if value else 'off'}"
        asked = "".join(f"\n  {decision}" for decision in self.of(flag))
        others = ", ".join(sorted({decision.name for decision in self})) or "no flag"
        told = asked or f"\n  asked were: {others}"
        raise AssertionError(f"{name} was to be asked {wanted}{answer}, not {len(found)}:{told}")

    def assert_not_evaluated(self, flag: str | Flag | Any) -> None:
        """Fail if a flag was asked.

        :raises AssertionError: with the answers that it gave.
        """
        self.assert_evaluated(flag, times=0)

    def clear(self) -> None:
        """Forget what was recorded so far."""
        self.decisions.clear()


def bucket(flag: str | Flag | Any, unit: str | int, *, flags: Flags | None = None) -> int:
    """The bucket of a unit in a flag's rollout, 0 to 99,999: it is in while the bucket is below
    the percentage times 1,000.

    The salt is that of the rule in ``flags``, else in the clients that know the flag, else the
    flag's name.

    :raises LookupError: when clients in use have different rules for it, and ``flags`` is None.
    """
    name = name_of(flag)
    table = _table(name, flags)
    rule = None if table is None else table[name].rule
    if rule is None:
        rollout = Rollout(100, name)
    else:
        rollout = rule.rollout or Rollout(100, rule.salt or name, rule.unit, rule.scheme)
    return digest_and_bucket(rollout, str(unit))[1]


def find_unit(
    flag: str | Flag | Any,
    *,
    on: bool = True,
    flags: Flags | None = None,
    pattern: str = "user-{}",
    unit: str = "user_id",
    **attributes: Any,
) -> str:
    """An id for which a flag's rule is on, or off; always the same one for the same rule.

    :param flags: the client to ask; None: those that know the flag.
    :param pattern: what ids look like; the braces are replaced by 0, 1, 2, ...
    :param unit: the attribute that the id is.
    :raises confkit.UnknownFlag: when no store has a rule for it.
    :raises LookupError: when none of 100,000 ids is found, with the reason of the last answer; and
        when clients in use have different rules for it, and ``flags`` is None.
    """
    name = name_of(flag)
    table = _table(name, flags)
    if table is None:
        raise UnknownFlag(f"no store has a rule for the flag {name!r}")
    decision = None
    for number in range(UNITS):
        # By the rules themselves: overrides do not count, and nobody observes it.
        decision = table[name].decide({**attributes, unit: pattern.format(number)}, table)
        if decision.value is on:
            return pattern.format(number)
    state = "on" if on else "off"
    raise LookupError(f"{name} is {state} for none of {UNITS:,} ids; the last answer: {decision}")


def _table(name: str, flags: Flags | None) -> Table | None:
    """The rules of a client that knows a flag; None where none does."""
    if flags is not None:
        return flags.view.flags if name in flags.view.flags else None
    found = _knowing(name, collected=False)
    if len(found) > 1:
        # What an earlier test made may still be there, with rules of its own.
        found = _knowing(name, collected=True)
    if len(found) > 1:
        raise LookupError(
            f"{len(found)} clients in use have different rules for {name}: say which one by flags="
        )
    return found[0] if found else None


def _knowing(name: str, *, collected: bool) -> list[Table]:
    """The tables of the clients that know a flag, one of those whose rules for it are the same."""
    found: list[tuple[Table, dict[str, Rule]]] = []
    for client in everywhere.clients(collected=collected):
        table = client.view.flags
        if name in table and all(_rules(name, table) != rules for _, rules in found):
            found.append((table, _rules(name, table)))
    return [table for table, _ in found]


def _rules(name: str, table: Table) -> dict[str, Rule]:
    """A flag's rule, and those that it depends on."""
    rules: dict[str, Rule] = {}
    wanted = [name]
    while wanted:
        one = wanted.pop()
        if one in table and one not in rules:
            rules[one] = table[one].rule
            wanted += [needed for needed, _ in table[one].rule.prerequisites]
    return rules
