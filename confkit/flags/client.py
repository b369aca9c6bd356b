"""``Flags``: the client. It keeps a copy of a store and answers from memory, with a reason.

A question is a look-up in a table that is swapped whole, and at most one hash: no lock, no I/O, no
cache by user, and no exception. What else can be done with flags are functions and objects that
take a ``Flags``.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Unpack

from confkit import clocks, forking
from confkit.background import has_threads
from confkit.errors import FlagConflict, StoreError
from confkit.flags import everywhere
from confkit.flags.exposure import Exposures
from confkit.flags.questions import AnyFlag, Questions
from confkit.flags.replica.staleness import Patience
from confkit.flags.replica.status import Status
from confkit.flags.replica.synchronizer import Synchronizer
from confkit.flags.replica.view import FlagsChange, View
from confkit.flags.rules.decision import Decision
from confkit.flags.rules.evaluation import Fixed
from confkit.flags.rules.literals import Document
from confkit.flags.rules.model import OnStale, RuleFields, declared, name_of
from confkit.flags.stores.port import Revision, Store
from confkit.flags.writer import RECORDS, Change, Wish, decide, may_repeat, pause
from confkit.subscribers import Subscribers

log = logging.getLogger("confkit.flags")


class Flags(Questions):
    """Feature flags of one store, decided in memory.

    :param flags: declarations (flags, enums, classes of flags): their defaults, and the names that
        misspelt ones are compared with.
    :param background: keep the copy fresh by threads. Without, and in a browser, which has none,
        ``refresh()`` does, and each write of this client; a store of this process is seen at once.
    :param poll: seconds between two looks at the store.
    :param start_timeout: seconds that the start waits for the store.
    :param backup: a file for the last three accepted sets, read when the store is silent at start.
    :param bootstrap: documents bundled with the program, for a start without store and backup.
    :param max_stale: seconds of silence after which ``on_stale`` counts; None: never.
    :param on_stale: then ``"keep"`` the last good flags, or answer each flag's ``"default"``.
    :param fail_fast: raise at the start instead of going on without the store.
    :param reseed: fill a store that lost its data with what this client holds, where it can.
    :param on_exposure: told of decisions, each once, in a thread of its own where there are any.
    :param clock: seconds since 1970, which schedules are read by.
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
        clock: Callable[[], float] = clocks.onward,
        monotonic: Callable[[], float] = clocks.monotonic,
    ) -> None:
        background = background and has_threads()
        exposures = None if on_exposure is None else Exposures(on_exposure, background=background)
        super().__init__({flag.name: flag for flag in declared(flags)}, exposures)
        self.store = store
        self.clock = clock
        self._monotonic = monotonic
        self._begun = monotonic()
        self._patience = Patience(max_stale, on_stale, self.declared)
        self._stale: frozenset[str] = frozenset()
        self._subscribers: Subscribers[FlagsChange] = Subscribers(log)
        self._changed: frozenset[str] = frozenset()
        self._sync = Synchronizer(
            store,
            self._adopt,
            self.tick,
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
        self.rebuild()
        self._sync.start()
        self._changed = frozenset()

    # Changes

    def set(
        self,
        flag: AnyFlag,
        /,
        *,
        by: str = "",
        reason: str = "",
        expect: int | None = None,
        **fields: Unpack[RuleFields],
    ) -> Revision:
        """Change the fields of a rule that are named, and those only; None takes a field away.

        Decided again when somebody else changed the flag meanwhile, unless ``expect`` names the
        revision it must be at (0: it must not exist).

        :raises confkit.InvalidFlag: with every problem of the rule that would result.
        :raises confkit.FlagConflict: when the flag is not at ``expect``.
        :raises confkit.StoreError: when the store cannot be read or written.
        """
        return self.change(Wish(name_of(flag), fields, None, by, reason, expect))

    def delete(
        self, flag: AnyFlag, /, *, by: str = "", reason: str = "", expect: int | None = None
    ) -> Revision:
        """Delete a flag from the store; questions get its default from then on.

        :raises confkit.UnknownFlag: when the store does not have it.
        """
        return self.change(Wish(name_of(flag), None, None, by, reason, expect))

    def rollback(
        self, flag: AnyFlag, /, revision: int, *, by: str = "", reason: str = ""
    ) -> Revision:
        """Bring back the rule of an earlier revision, as a new revision.

        :raises confkit.UnknownFlag: when no such revision is on record.
        """
        return self.change(Wish(name_of(flag), None, revision, by, reason))

    def change(self, wish: Wish) -> Revision:
        """Read the store, decide a change on what is believed of it, write it, read it back."""
        attempt = 1
        while True:
            self.refresh()
            past = () if wish.revision is None else self.history(wish.name, limit=RECORDS)
            made = self.decided(wish, past)
            try:
                written = self.store.write(**made.written())
                break
            except FlagConflict:
                if not may_repeat(wish, attempt):
                    raise
            time.sleep(pause(attempt))
            attempt += 1
        self.read_back(made.name)
        return written

    def decided(self, wish: Wish, past: Iterable[Revision]) -> Change:
        """The change that a wish asks for, decided on what is believed now; to be written next.

        :param past: the history of the flag, where the wish names a revision.
        :raises confkit.StoreDoubted: when the store does not hold what this client believes.
        """
        self.check_belief(wish.name)
        made = decide(self.view, wish, past)
        self._sync.copy.made = made.rule
        return made

    def check_belief(self, name: str) -> None:
        """Refuse to change a flag whose stored state is not the one that this client believes.

        :raises confkit.StoreDoubted: with what can be done.
        """
        self._sync.copy.check(name)

    def read_back(self, name: str) -> None:
        """See a change that was written; a store that cannot be read now is logged."""
        try:
            self._sync.refresh()
        except StoreError as error:
            log.warning("flags: %s was written and not read back: %s", name, error)

    def history(self, flag: AnyFlag | None = None, *, limit: int = 100) -> list[Revision]:
        """Changes on record, newest first, of one flag or of all."""
        return self.store.history(None if flag is None else name_of(flag), limit=limit)

    # Subscribers

    def subscribe(
        self, function: Callable[[FlagsChange], Any], /, *flags: AnyFlag
    ) -> Callable[[], None]:
        """Call ``function`` after changes of ``flags`` (none: of any); undone by the return value.

        Called outside of locks, in the thread that saw the change; what it raises is logged.
        """
        return self._subscribers.add(function, frozenset(map(name_of, flags)))

    def _notify(self, names: frozenset[str]) -> None:
        if names:
            version = self.view.answer.version
            self._subscribers.tell(names, lambda found: FlagsChange(found, version))

    # The copy

    @property
    def view(self) -> View:
        """What is believed of the store now, without overrides: rules, revisions, errors."""
        return self._sync.view

    def _stale_answers(self) -> Iterator[Fixed]:
        return map(self._patience.answer, self._stale)

    def _wake(self) -> None:
        super()._wake()
        self._sync.ensure_running()

    def _adopt(self, before: View, view: View, names: frozenset[str]) -> None:
        with self._lock:
            self._changed |= names
            self._follow(names)
            self.rebuild()

    def tick(self) -> None:
        """Look at the clock: which flags are stale now; then tell the subscribers of changes."""
        with self._lock:
            silence = self._sync.staleness
            if silence is None:
                silence = self._monotonic() - self._begun
            stale = self._patience.stale(self.view.flags, silence)
            if stale != self._stale:
                self._changed |= stale ^ self._stale
                self._stale = stale
                self.rebuild()
            names, self._changed = self._changed, frozenset()
        self._notify(names)

    def refresh(self) -> None:
        """Read the store now.

        :raises confkit.StoreError: when it gives no answer; the last good flags stay.
        """
        self._sync.refresh()

    def confirm(self, *, by: str = "", reason: str = "") -> bool:
        """Believe what the store holds now; False when nothing of it is doubted.

        A store of many clients tells all of them.

        :raises confkit.StoreError: when the store cannot be read, or changes all the time.
        """
        return self._sync.confirm(by, reason)

    def reseed(self) -> bool:
        """Put back what this client holds where the store lost it; False where nothing was put.

        :raises confkit.StoreError: when the store cannot be read or written.
        """
        return self._sync.reseed()

    @property
    def status(self) -> Status:
        """How this client stands towards its store."""
        dropped = 0 if self._exposures is None else self._exposures.dropped
        return self._sync.status(tuple(sorted(self._stale)), dropped)

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
