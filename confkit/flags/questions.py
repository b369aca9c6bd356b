"""Answering questions from a table that is swapped whole, and overriding what it answers.

A question is one look-up and at most one hash: no lock, no I/O, no cache by user, no exception.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum
from typing import Any, TypeVar

from confkit.bucket import md5
from confkit.callers import call_site
from confkit.copies import copy_of
from confkit.flags import everywhere
from confkit.flags.exposure import Exposures
from confkit.flags.overrides import Forced, Override, check_override, forced
from confkit.flags.replica.table import watched
from confkit.flags.replica.view import View
from confkit.flags.rules.decision import Decision, Reason
from confkit.flags.rules.evaluation import Answer, Fixed
from confkit.flags.rules.model import Flag, name_of
from confkit.flags.rules.values import Mismatch, as_asked
from confkit.near import did_you_mean

log = logging.getLogger("confkit.flags")

T = TypeVar("T")

#: How many unknown names, and kinds of wrong ids, are remembered: each is warned of once.
WARNED = 256

AnyFlag = str | Flag | Enum
#: A user id, or attributes by name.
Who = str | int | Mapping[str, Any] | None


_UNSET: Any = object()
#: What a question without lists and conditions is answered from: the answer, or the bytes that are
#: hashed before the user id, and the first digest that is out.
Fast = bool | tuple[bytes, bytes]


class Questions:
    """The answers of one moment, for as long as nothing changes them.

    :param declared: declarations by name, for their defaults.
    :param exposures: told of the decisions that a rule made; None: nobody.
    """

    # A slot is read faster than one of many attributes.
    __slots__ = ("__dict__", "__weakref__", "_fast")

    def __init__(self, declared: Mapping[str, Flag], exposures: Exposures | None) -> None:
        self.declared = declared
        self._exposures = exposures
        self._table: dict[str, Answer] = {}
        self._fast: dict[str, Fast] = {}
        self._plain: dict[str, Fast] = {}  # the same of the view, without overrides
        self._asleep = False  # in a forked child until its first question
        self._overrides: tuple[Override, ...] = ()
        self._warned: set[str] = set()
        self._lock = threading.RLock()

    @property
    def view(self) -> View:
        """What is believed of the store now, without overrides: rules, revisions, errors."""
        raise NotImplementedError

    def _stale_answers(self) -> Iterable[Fixed]:
        """The answers of flags whose store has been silent for too long."""
        return ()

    def _notify(self, names: frozenset[str]) -> None:
        """Tell whoever wants to know that the answers of some flags may differ now."""

    # Questions

    def enabled(
        self,
        flag: AnyFlag,
        who: Who = None,
        /,
        *,
        default: bool | None = None,
        user_id: Any = _UNSET,
        **attributes: Any,
    ) -> bool:
        """Whether a flag is on for a context; never raises.

        ``who`` is a user id or a mapping of attributes, more of which follow by name:
        ``flags.enabled("new-checkout", user_id="42", country="DE")``. ``default`` is the answer
        where the store does not know the flag, before that of the declaration; else False.
        """
        # ``user_id`` is a parameter of its own so that the usual question fills no dictionary.
        try:
            found = self._fast[flag]  # type: ignore[index]
            if found is True or found is False:
                return found
            unit = who if user_id is _UNSET else user_id
            if unit.__class__ is str:
                prefix, bound = found
                hashed: bytes = md5(prefix + unit.encode()).digest()
                return hashed < bound
        except (KeyError, TypeError, UnicodeEncodeError):
            # A declaration or a member; else the long way answers, and names what is wrong.
            if flag.__class__ is not str and (name := name_of(flag)) in self._fast:
                return self.enabled(name, who, default=default, user_id=user_id, **attributes)
        if user_id is not _UNSET:
            attributes["user_id"] = user_id
        return self._decide(flag, who, default, attributes).value

    def decide(
        self, flag: AnyFlag, who: Who = None, /, *, default: bool | None = None, **attributes: Any
    ) -> Decision:
        """The answer of :meth:`enabled` with its reason, bucket, variant and revision."""
        return self._decide(flag, who, default, attributes)

    def variant(
        self, flag: AnyFlag, who: Who = None, /, *, default: str | None = None, **attributes: Any
    ) -> str | None:
        """The variant of a flag for a context; ``default`` where it is off or has none."""
        found = self._decide(flag, who, None, attributes).variant
        return default if found is None else found

    def value(self, flag: AnyFlag, who: Who = None, /, *, default: T, **attributes: Any) -> T:
        """The value of a flag for a context, of the type of ``default``; never raises.

        ``flags.value("theme", user, default="light")``. A flag without values gives True or False
        where the default is one of them, and where the default is text the name of its variant.
        ``default`` is the answer where the flag gives no value, or one of another type: that is
        logged once. With ``default=None`` any type is taken.
        """
        switch = default if isinstance(default, bool) else None
        decision = self._decide(flag, who, switch, attributes)
        value = decision.payload
        if value is None and (default is None or isinstance(default, str)):
            value = decision.variant
        elif value is None and switch is not None:
            value = decision.value
        if value is None:
            return default
        try:
            return as_asked(value, default)
        except Mismatch as error:
            about = f"{decision.name} gives {error}"
            self._warn_once(about, f"flags: {about}: the default counts")
            return default

    def all(self, who: Who = None, /, **attributes: Any) -> dict[str, Decision]:
        """Every flag that is stored, declared or forced, decided for one context, by name."""
        if self._asleep:
            self._wake()
        table = self._table  # taken once: every answer is of the same moment
        names = sorted({**self.declared, **self.view.errors, **table})
        return {name: self._decide(name, who, None, attributes, table) for name in names}

    def _decide(
        self,
        flag: Any,
        who: Any,
        default: bool | None,
        attributes: dict[str, Any],
        table: Mapping[str, Answer] | None = None,
    ) -> Decision:
        if self._asleep:
            self._wake()
        name = name_of(flag)
        try:
            table = self._table if table is None else table
            if who is not None:
                attributes = (
                    {**who, **attributes}
                    if isinstance(who, Mapping)
                    else {"user_id": who, **attributes}
                )
            entry = table.get(name)
            decision = None if entry is None else entry.decide(attributes, table)
            if decision is None:
                decision = self._unknown(flag, name, default)
            elif self._exposures is not None:
                self._exposures.record(decision)
            if decision.reason is Reason.INVALID_UNIT:
                self._warn_once(decision.detail, f"flags: {name}: {decision.detail}")
        except Exception:
            # Somebody's mapping or value raised: a question gives an answer all the same.
            log.exception("flags: deciding %s failed", name[:200])
            default = default if isinstance(default, bool) else None
            value = self._default(flag, name, default)
            decision = Decision(name, value, Reason.ERROR, "the question failed")
        try:
            everywhere.tell(self, decision)
        except Exception:
            log.exception("flags: an observer failed")
        return decision

    def _unknown(self, flag: Any, name: str, default: bool | None) -> Decision:
        value = self._default(flag, name, default)
        state = "on" if value else "off"
        if name in self.view.errors:
            detail = f"its rule cannot be read: {state} by default"
            return Decision(name, value, Reason.ERROR, detail)
        if name not in self.declared and not isinstance(flag, Flag):
            hint = self._hint(name)
            self._warn_once(name, f"flags: there is no flag {name[:200]!r}", hint)
        return Decision(name, value, Reason.UNKNOWN, f"not in the store: {state} by default")

    def _default(self, flag: Any, name: str, default: bool | None) -> bool:
        if default is not None:
            return bool(default)
        declaration = self.declared.get(name)
        while isinstance(flag, Enum):
            flag = flag.value
        if isinstance(flag, Flag):
            declaration = flag
        return False if declaration is None else declaration.default

    def _hint(self, name: str) -> Callable[[], str]:
        return lambda: did_you_mean(name, {**self.declared, **self._table}, ": ")

    def _warn_once(self, about: str, text: str, hint: Callable[[], str] = str) -> None:
        # Names and ids may be made from input: only so many are kept, and only so much of each.
        about = about[:200]
        if len(self._warned) >= WARNED or about in self._warned:
            return
        self._warned.add(about)
        log.warning("%s%s", text, hint())

    # Overrides

    def override(
        self, values: Mapping[Any, Forced], *, where: Mapping[str, Any] | None = None
    ) -> Override:
        """Force flags in this client: a context manager, and a decorator.

        Values are True, False, the name of a variant, or a value that is a number or a mapping of
        the kind that the flag gives. ``where={"user_id": "42"}`` forces them
        only for contexts with these attributes. Overrides may be removed in any order.

        :raises confkit.UnknownFlag: for a name that is nearly that of a known flag.
        :raises confkit.InvalidFlag: for a variant that the flag does not have.
        """
        site = call_site("override").place
        answers = forced(values, site)
        self.check_override(values)
        return Override(answers, self._put, site, where)

    def check_override(self, values: Mapping[Any, Forced]) -> None:
        """Refuse names and variants that are nearly those of a known flag."""
        stored = self.view.flags
        check_override(values, self.known, lambda n: stored[n].rule if n in stored else None)

    @property
    def known(self) -> Mapping[str, Any]:
        """The flags that are declared or stored, by name."""
        return {**self.declared, **self.view.flags}

    def __contains__(self, flag: object) -> bool:
        """Whether a flag is declared or stored: ``"new-checkout" in flags``."""
        return name_of(flag) in self.known

    def __iter__(self) -> Iterator[str]:
        """The names of the flags that are declared or stored, sorted."""
        return iter(sorted(self.known))

    def __len__(self) -> int:
        return len(self.known)

    def __bool__(self) -> bool:
        return True  # a client without flags is a client all the same

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {len(self)} flags, {self.view.source}>"

    def _put(self, override: Override, there: bool) -> None:
        with self._lock:
            others = tuple(o for o in self._overrides if o is not override)
            self._overrides = (*others, override) if there else others
        self.rebuild(frozenset(override.answers))

    @property
    def overrides(self) -> tuple[Override, ...]:
        """The overrides in force, the one that wins last."""
        found = (*everywhere.forced_in(self), *self._overrides)
        return tuple(sorted(found, key=lambda override: override.rank))

    # The table

    def rebuild(self, names: frozenset[str] = frozenset()) -> None:
        """Build the table of answers again, and tell subscribers of ``names``."""
        with self._lock:
            table: dict[str, Answer] = copy_of(self.view.flags)
            fast = self._plain
            above: dict[str, Answer] = {answer.name: answer for answer in self._stale_answers()}
            for override in self.overrides:
                for name in override.answers:
                    below = above.get(name, table.get(name))
                    above[name] = override.answer(name, below)
            if above:
                table.update(above)
                fast = _fast_of(fast, above)
            if self._exposures is not None or everywhere.observed(self):
                table, fast = watched(table), {}
            if not self._asleep:
                self._table, self._fast = table, fast
        self._notify(names)

    def _follow(self, names: Iterable[str]) -> None:
        """Take over what changed in the view."""
        flags = self.view.flags
        self._plain = _fast_of(self._plain, {name: flags.get(name) for name in names})

    def after_fork(self) -> None:
        """In a forked child: locks anew at once, threads with the first question.

        The table is empty until then, so that no question is answered before :meth:`_wake`.
        """
        self._lock = threading.RLock()
        self._asleep = True
        self._table, self._fast = {}, {}

    def _wake(self) -> None:
        with self._lock:
            self._asleep = False
            self.rebuild()


def _fast_of(fast: Mapping[str, Fast], changed: Mapping[str, Answer | None]) -> dict[str, Fast]:
    """The fast answers once some flags have other answers, or none."""
    made = copy_of(fast)
    for name, answer in changed.items():
        if answer is not None and answer.constant is not None:
            made[name] = answer.constant
        elif answer is not None and answer.prefix is not None and answer.unit == "user_id":
            made[name] = (answer.prefix, answer.bound)
        else:
            made.pop(name, None)
    return made
