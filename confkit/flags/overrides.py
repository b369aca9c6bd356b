"""Flags forced for a while: the last one set wins, and each is removed by itself."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping
from types import TracebackType
from typing import Any, TypeVar, cast

from confkit.bucket import unit_text
from confkit.errors import InvalidFlag, Problem, UnknownFlag
from confkit.flags.rules.decision import Decision, Reason
from confkit.flags.rules.evaluation import Answer, Attributes, Fixed
from confkit.flags.rules.model import Rule, check_name, name_of
from confkit.flags.rules.values import KINDS, kind_of, own, value_fault
from confkit.near import did_you_mean
from confkit.overriding import Token

F = TypeVar("F", bound=Callable[..., Any])


#: True, False, the name of a variant, or a value that is a number or an object.
Forced = bool | str | int | float | Mapping[str, Any]


def forced(values: Mapping[Any, Forced], site: str) -> dict[str, Fixed]:
    """The answers that ``values`` force: True, False, the name of a variant, or a value.

    :raises confkit.InvalidFlag: for a name that cannot be one.
    :raises TypeError: for any other value.
    """
    found = {}
    for flag, value in values.items():
        name = check_name(name_of(flag))
        if not isinstance(value, bool | str) and (fault := value_fault(value)):
            raise TypeError(
                f"{name}: an override is True, False, the name of a variant, "
                f"a number or a mapping; it {fault}"
            )
        said = f"forced by the override at {site}"
        variant = value if isinstance(value, str) else None
        payload = None if isinstance(value, bool | str) else own(value)
        found[name] = Fixed(name, value is not False, Reason.FORCED, said, variant, payload)
    return found


def check_override(
    values: Mapping[Any, Forced], names: Iterable[str], rules: Callable[[str], Rule | None]
) -> None:
    """Refuse what is probably a slip.

    :param names: the flags that are known.
    :param rules: gives the rule of a flag, None where it is not known.
    :raises confkit.UnknownFlag: for a text that is no known flag's name, and nearly one.
    :raises confkit.InvalidFlag: for a variant that the rule does not have, or a value of another
        kind than its values.
    """
    known = frozenset(names)
    for flag, value in values.items():
        name = name_of(flag)
        if isinstance(flag, str) and name not in known and (hint := did_you_mean(name, known)):
            raise UnknownFlag(f"there is no flag {name!r}: {hint}")
        if isinstance(value, bool) or (rule := rules(name)) is None:
            continue
        if not isinstance(value, str):
            kinds = {kind_of(one) for _, one in rule.values}
            if kind_of(value) not in kinds:
                wanted = " or ".join(KINDS[kind] for kind in sorted(kinds)) or "on or off"
                raise InvalidFlag(name, [Problem("values", f"the flag gives {wanted}")])
        else:
            variants = [variant.name for variant in rule.variants]
            if value not in variants:
                text = f"there is no variant {value!r}"
                raise InvalidFlag(
                    name, [Problem("variants", text, hint=did_you_mean(value, variants))]
                )


class ForcedFor:
    """A flag forced for contexts with the attributes ``where``.

    ``below`` answers the other contexts; None where nothing else is known of the flag.
    """

    __slots__ = ("below", "forced", "off", "values", "where")

    constant = None
    prefix = None
    unit = ""
    bound = b""

    def __init__(self, forced: Fixed, where: Mapping[str, Any], below: Answer | None) -> None:
        self.forced = forced
        self.where = where
        self.below = below
        self.values, self.off = forced.values, forced.off

    def decide(self, attributes: Attributes, table: Any, met: Any = None) -> Decision | None:
        """The forced answer where every attribute is as asked, else that of what is below."""
        if all(_same(attributes.get(name), value) for name, value in self.where.items()):
            return self.forced.decide(attributes, table, met)
        return None if self.below is None else self.below.decide(attributes, table, met)


def _same(given: Any, wanted: Any) -> bool:
    # An id is the same as text and as a number.
    unit = unit_text(given)
    return given == wanted or (unit is not None and unit == unit_text(wanted))


class Override:
    """Flags forced from ``apply()`` (or ``with``, or a decorated call) until ``remove()``.

    One object may be entered again while it is in force; it ends with its outermost use.
    """

    def __init__(
        self,
        answers: Mapping[str, Fixed],
        put: Callable[[Override, bool], None],
        site: str,
        where: Mapping[str, Any] | None = None,
        level: int | None = None,
    ) -> None:
        self.answers = answers
        self.site = site
        self.where = dict(where or {})
        self.token: Token | None = None
        self._level = level
        self._put = put
        self._depth = 0

    def answer(self, name: str, below: Answer | None) -> Answer:
        """What answers for a flag while the override is in force."""
        forced = self.answers[name].over(below)
        return ForcedFor(forced, self.where, below) if self.where else forced

    @property
    def rank(self) -> tuple[int, int]:
        """What overrides in force are sorted by: the last one wins."""
        return (0, 0) if self.token is None else self.token.rank

    def __repr__(self) -> str:
        values = {
            n: a.variant or (a.constant if a.payload is None else a.payload)
            for n, a in self.answers.items()
        }
        return f"<override at {self.site}: {values}>"

    def apply(self) -> Override:
        """Put the override in force, above those that are."""
        self._depth += 1
        if self._depth == 1:
            what = "override of " + ", ".join(self.answers)
            self.token = Token(what, self.site, self.remove, level=self._level)
            try:
                self._put(self, True)
            except BaseException:
                self.remove()
                raise
        return self

    def remove(self) -> None:
        """Take this override away, in whatever order; doing it twice changes nothing."""
        if self._depth:
            self._depth = 0
            if self.token is not None:
                self.token.release()
            self._put(self, False)

    def __enter__(self) -> Override:
        return self.apply()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._depth > 1:
            self._depth -= 1
        else:
            self.remove()

    def __call__(self, function: F) -> F:
        """Force the flags while ``function`` runs, a coroutine function as well."""
        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def later(*args: Any, **kwargs: Any) -> Any:
                with self:
                    return await function(*args, **kwargs)

            return cast("F", later)

        @functools.wraps(function)
        def now(*args: Any, **kwargs: Any) -> Any:
            with self:
                return function(*args, **kwargs)

        return cast("F", now)
