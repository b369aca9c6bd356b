"""``Flags``: the client. It keeps a copy of a store and answers from memory, with a reason.

A question is a look-up in a table that is swapped whole, and at most one hash: no lock, no I/O, no
cache by user, and no exception.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import Enum
from hashlib import md5
from pathlib import Path
from types import TracebackType
from typing import Any

from confkit import clocks, forking
from confkit.errors import UnknownFlag
from confkit.flags import everywhere
from confkit.flags.cleanup import StaleFlag, stale_flags
from confkit.flags.exposure import Exposures
from confkit.flags.overrides import ForcedFor, Override, call_site, forced
from confkit.flags.replica.status import Status
from confkit.flags.replica.synchronizer import Sync
from confkit.flags.replica.table import Exposed, Unstarted, differing
from confkit.flags.replica.view import FlagsChange, View
from confkit.flags.rules.evaluation import Fixed
from confkit.flags.rules.literals import Document
from confkit.flags.rules.model import Decision, Flag, OnStale, Reason, declared, name_of
from confkit.flags.rules.validation import closest
from confkit.flags.stores.port import Revision, Store
from confkit.flags.writer import Circumstances, Writer
from confkit.subscribers import Subscribers

log = logging.getLogger("confkit.flags")

#: How many unknown names are remembered, so that each is warned of once.
UNKNOWN = 256

AnyFlag = str | Flag | Enum
#: A user id, or attributes by name.
Who = str | int | Mapping[str, Any] | None


class Flags:
    """Feature flags of one store, decided in memory.

    :param flags: declarations (flags, enums, classes of flags): their defaults, and the names that
        misspelt ones are compared with.
    :param background: keep the copy fresh by threads. Without, ``refresh()`` does, and each
        write of this client; a store of this process is seen at once either way.
    :param poll: seconds between two looks at the store.
    :param start_timeout: seconds that the start waits for the store.
    :param backup: a file for the last three accepted sets, read when the store is silent at start.
    :param bootstrap: documents bundled with the program, for a start without store and backup.
    :param max_stale: seconds of silence after which ``on_stale`` counts; None: never.
    :param on_stale: then ``"keep"`` the last good flags, or answer each flag's ``"default"``.
    :param fail_fast: raise at the start instead of going on without the store.
    :param reseed: fill a store that lost its data with what this client holds, where it can.
    :param on_exposure: told of decisions, each once, in a thread of its own.
    :raises confkit.StoreError: with ``fail_fast``, when the store gives no answer in time.
    """

    def __init__(
        self,
        store: Store,
        flags: object = (),
        *,
        background: bool = True,
        poll: float = 1.0,
        start_timeout: float = 1.0,
        backup: str | Path | None = None,
        bootstrap: Mapping[str, Document] | None = None,
        max_stale: float | None = None,
        on_stale: OnStale = "keep",
        fail_fast: bool = False,
        reseed: bool = False,
        on_exposure: Callable[[Decision], None] | None = None,
        clock: Callable[[], float] = clocks.time,
        monotonic: Callable[[], float] = clocks.monotonic,
    ) -> None:
        self.store = store
        self._declared = {flag.name: flag for flag in declared(flags)}
        self._max_stale = max_stale
        self._on_stale = on_stale
        self._may_go_stale = any(f.on_stale == "default" for f in self._declared.values())
        self._clock = clock
        self._monotonic = monotonic
        self._begun = monotonic()
        self._view = View()
        self._table: dict[str, Any] = {}
        self._stale: frozenset[str] = frozenset()
        self._overrides: tuple[Override, ...] = ()
        self._subscribers: Subscribers[FlagsChange] = Subscribers(log)
        self._changed: frozenset[str] = frozenset()
        self._warned: set[str] = set()
        self._lock = threading.RLock()
        self._writer = Writer(store, self.refresh)
        self._exposures = (
            None if on_exposure is None else Exposures(on_exposure, background=background)
        )
        self._sync = Sync(
            store,
            self._adopt,
            self._tick,
            background=background,
            poll=poll,
            start_timeout=start_timeout,
            backup=backup,
            bootstrap=bootstrap,
            fail_fast=fail_fast,
            reseed=reseed,
            clock=clock,
            monotonic=monotonic,
        )
        forking.register(self)
        everywhere.join(self)
        self._sync.start()
        self._changed = frozenset()

    # Questions

    def enabled(
        self, flag: AnyFlag, who: Who = None, /, *, default: bool | None = None, **attributes: Any
    ) -> bool:
        """Whether a flag is on for a context; never raises.

        ``who`` is a user id or a mapping of attributes, more of which follow by name:
        ``flags.enabled("new-checkout", user_id="42", country="DE")``. ``default`` is the answer
        where the store does not know the flag, before that of the declaration; else False.
        """
        entry = self._table.get(flag if flag.__class__ is str else name_of(flag))
        if entry is not None:
            constant: bool | None = entry.constant
            if constant is not None:
                return constant
            prefix: bytes | None = entry.prefix
            if prefix is not None:
                unit = attributes.get(entry.unit) if attributes else None
                if unit is None and entry.unit == "user_id" and "user_id" not in attributes:
                    unit = who
                if unit.__class__ is str:
                    try:
                        hashed = md5(prefix + unit.encode(), usedforsecurity=False).digest()
                    except UnicodeEncodeError:
                        return False
                    return hashed < entry.bound  # type: ignore[no-any-return]
        return self._decide(flag, who, default, attributes).value

    def decide(
        self, flag: AnyFlag, who: Who = None, /, *, default: bool | None = None, **attributes: Any
    ) -> Decision:
        """The answer of :meth:`enabled` with its reason, bucket, variant and revision."""
        return self._decide(flag, who, default, attributes)

    def variant(self, flag: AnyFlag, who: Who = None, /, **attributes: Any) -> str | None:
        """The variant of a flag for a context; None where it is off or has none."""
        return self._decide(flag, who, None, attributes).variant

    def all(self, who: Who = None, /, **attributes: Any) -> dict[str, Decision]:
        """Every flag that is stored, declared or forced, decided for one context, by name."""
        table = self._table  # taken once: every answer is of the same moment
        names = sorted({**self._declared, **table})
        return {name: self._decide(name, who, None, attributes, table) for name in names}

    def _decide(
        self,
        flag: Any,
        who: Any,
        default: bool | None,
        attributes: dict[str, Any],
        table: dict[str, Any] | None = None,
    ) -> Decision:
        name = name_of(flag)
        try:
            table = self._table if table is None else table
            entry = table.get(name)
            if entry is None:
                return self._unknown(flag, name, default)
            if who is not None:
                attributes = (
                    {**who, **attributes}
                    if isinstance(who, Mapping)
                    else {"user_id": who, **attributes}
                )
            decision: Decision = entry.decide(attributes, table)
            if self._exposures is not None:
                self._exposures.record(decision)
            everywhere.tell(self, decision)
        except Exception:
            # Somebody's mapping or value raised: a question gives an answer all the same.
            log.exception("flags: deciding %s failed", name[:200])
            default = default if isinstance(default, bool) else None
            value = self._default(flag, name, default)
            return Decision(name, value, Reason.ERROR, "the question failed")
        return decision

    def _unknown(self, flag: Any, name: str, default: bool | None) -> Decision:
        value = self._default(flag, name, default)
        state = "on" if value else "off"
        if name not in self._declared and not isinstance(flag, Flag):
            self._warn_of(name)
        detail = f"not in the store: {state} by default"
        decision = Decision(name, value, Reason.UNKNOWN, detail)
        everywhere.tell(self, decision)
        return decision

    def _default(self, flag: Any, name: str, default: bool | None) -> bool:
        if default is not None:
            return bool(default)
        declaration = self._declared.get(name)
        while isinstance(flag, Enum):
            flag = flag.value
        if isinstance(flag, Flag):
            declaration = flag
        return False if declaration is None else declaration.default

    def _warn_of(self, name: str) -> None:
        # Names may be made from input: only so many are kept, and only so much of each.
        name = name[:200]
        if len(self._warned) >= UNKNOWN or name in self._warned:
            return
        self._warned.add(name)
        hint = closest(name, {**self._declared, **self._table})
        log.warning("flags: there is no flag %r%s", name, f", {hint}" if hint else "")

    # Changes

    def set(
        self,
        flag: AnyFlag,
        /,
        *,
        by: str = "",
        reason: str = "",
        expect: int | None = None,
        **fields: Any,
    ) -> Revision:
        """Change the fields of a rule that are named, and those only; None takes a field away.

        Decided anew when somebody else changed the flag meanwhile, unless ``expect`` names the
        revision it must be at (0: it must not exist).

        :raises confkit.InvalidFlag: with every problem of the rule that would result.
        :raises confkit.FlagConflict: when the flag is not at ``expect``.
        :raises confkit.StoreError: when the store cannot be read or written.
        """
        return self._writer.set(name_of(flag), fields, Circumstances(by, reason, expect))

    def delete(
        self, flag: AnyFlag, /, *, by: str = "", reason: str = "", expect: int | None = None
    ) -> Revision:
        """Delete a flag from the store; questions get its default from then on.

        :raises confkit.UnknownFlag: when the store does not have it.
        """
        return self._writer.delete(name_of(flag), Circumstances(by, reason, expect))

    def rollback(
        self, flag: AnyFlag, /, revision: int, *, by: str = "", reason: str = ""
    ) -> Revision:
        """Bring back the rule of an earlier revision, as a new revision.

        :raises confkit.UnknownFlag: when no such revision is on record.
        """
        return self._writer.rollback(name_of(flag), revision, Circumstances(by, reason))

    def history(self, flag: AnyFlag | None = None, *, limit: int = 100) -> list[Revision]:
        """Changes on record, newest first, of one flag or of all."""
        return self.store.history(None if flag is None else name_of(flag), limit=limit)

    def stale(self, *, days: int = 30) -> list[StaleFlag]:
        """Flags to clean up: expired, on or off for everyone for ``days``, or in no declaration."""
        now = datetime.fromtimestamp(self._clock(), UTC)
        return stale_flags(self._view, self._declared, self.store.history(limit=10_000), now, days)

    # Overrides and subscribers

    def override(
        self, values: Mapping[Any, bool | str], *, where: Mapping[str, Any] | None = None
    ) -> Override:
        """Force flags of this client: a context manager, and a decorator.

        Values are True, False or the name of a variant. Overrides may be removed in any order.
        ``where={"user_id": "42"}`` forces them for the contexts with these attributes only.

        :raises confkit.UnknownFlag: for a name that is nearly that of a known flag.
        """
        site = call_site()
        answers = forced(values, site)
        known = self.known
        for flag in values:
            name = name_of(flag)
            if isinstance(flag, str) and name not in known and (hint := closest(name, known)):
                raise UnknownFlag(f"there is no flag {name!r}, {hint}")
        return Override(answers, self._put, site, where)

    @property
    def known(self) -> Mapping[str, Any]:
        """The flags that are declared or stored, by name."""
        return {**self._declared, **self._view.flags}

    def rebuild(self, changed: frozenset[str] = frozenset()) -> None:
        """Make the table of answers anew and tell subscribers: overrides changed elsewhere."""
        with self._lock:
            self._rebuild()
        self._notify(changed)

    def _put(self, override: Override, there: bool) -> None:
        with self._lock:
            others = tuple(o for o in self._overrides if o is not override)
            self._overrides = (*others, override) if there else others
        self.rebuild(frozenset(override.answers))

    @property
    def overrides(self) -> tuple[Override, ...]:
        """The overrides in force, the one that wins last."""
        return self._overrides

    def subscribe(
        self, function: Callable[[FlagsChange], Any], /, *flags: AnyFlag
    ) -> Callable[[], None]:
        """Call ``function`` after changes of ``flags`` (none: of any); undone by the return value.

        Called outside of locks, in the thread that saw the change; what it raises is logged.
        """
        return self._subscribers.add(function, frozenset(map(name_of, flags)))

    def _notify(self, names: frozenset[str]) -> None:
        if names:
            version = self._view.answer.version
            self._subscribers.tell(names, lambda found: FlagsChange(found, version))

    # The copy

    def _adopt(self, view: View) -> None:
        with self._lock:
            before, self._view = self._view, view
            self._changed |= differing(before, view)
            self._rebuild()

    def _tick(self) -> None:
        with self._lock:
            stale = self._gone_stale()
            if stale != self._stale:
                self._changed |= stale ^ self._stale
                self._stale = stale
                self._rebuild()
            names, self._changed = self._changed, frozenset()
        self._notify(names)

    def _gone_stale(self) -> frozenset[str]:
        if self._on_stale == "keep" and not self._may_go_stale:
            return frozenset()
        silence = self._sync.staleness
        if silence is None:
            silence = self._monotonic() - self._begun
        return frozenset(
            name for name in {**self._view.flags, **self._declared} if self._is_stale(name, silence)
        )

    def _is_stale(self, name: str, silence: float) -> bool:
        flag = self._declared.get(name)
        limit, then = self._max_stale, self._on_stale
        if flag is not None:
            limit = flag.max_stale if flag.max_stale is not None else limit
            then = flag.on_stale or then
        return then == "default" and limit is not None and silence > limit

    def _rebuild(self) -> None:
        table: dict[str, Any] = dict(self._view.flags)
        for name in self._stale:
            value = self._default(None, name, None)
            said = "the store is silent for too long: the default"
            table[name] = Fixed(name, value, Reason.STALE, said)
        forced_here = (*everywhere.forced_in(self), *self._overrides)
        for override in sorted(forced_here, key=lambda one: one.rank):
            for name, answer in override.answers.items():
                table[name] = self._forced_over(table.get(name), answer, override)
        if self._exposures is not None or everywhere.observed(self):
            table = {name: Exposed(entry) for name, entry in table.items()}
        if isinstance(self._table, Unstarted):
            table = Unstarted(table, self._start_in_child)
        self._table = table

    def _forced_over(self, below: Any, answer: Fixed, override: Override) -> Any:
        if not override.where:
            return answer
        if below is None:
            value = self._default(None, answer.name, None)
            below = Fixed(answer.name, value, Reason.UNKNOWN, "not in the store: the default")
        return ForcedFor(answer, override.where, below)

    def after_fork(self) -> None:
        """In a forked child: locks anew at once, threads with the first question."""
        self._lock = threading.RLock()
        self._table = Unstarted(self._table, self._start_in_child)

    def _start_in_child(self) -> None:
        with self._lock:
            self._table = dict(self._table)
        self._sync.ensure_running()

    def refresh(self) -> None:
        """Read the store now.

        :raises confkit.StoreError: when it gives no answer; the last good flags stand.
        """
        self._sync.refresh()

    def confirm(self) -> bool:
        """Believe the store's answer that stands in quarantine; False when there is none."""
        return self._sync.confirm()

    @property
    def view(self) -> View:
        """What is believed of the store now, without overrides: rules, revisions, errors."""
        return self._view

    @property
    def status(self) -> Status:
        """How this client stands towards its store."""
        sync, view = self._sync, self._view
        return Status(
            version=view.answer.version,
            source=view.source,
            staleness=sync.staleness,
            flags=len(view.flags),
            last_error=sync.last_error,
            failures=sync.failures,
            quarantine=sync.quarantine,
            errors=dict(view.errors),
            stale=tuple(sorted(self._stale)),
            dropped_exposures=0 if self._exposures is None else self._exposures.dropped,
        )

    def close(self) -> None:
        """Stop the threads. Questions go on being answered from what was last believed."""
        self._sync.close()
        if self._exposures is not None:
            self._exposures.close()

    def __enter__(self) -> Flags:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
