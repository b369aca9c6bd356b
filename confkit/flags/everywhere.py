"""Flags forced, and answers observed, in every client of this process: for tests and tools.

A test does not know which clients the code under test makes, nor in which threads it asks them.
So what is forced here holds in all of them, those made later too. While nothing is forced and
nobody observes, a question costs nothing more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from confkit.flags.overrides import Forced, Override, forced
from confkit.flags.rules.decision import Decision
from confkit.live import Live


class Client(Protocol):
    """What keeps a table of answers: :class:`confkit.Flags`."""

    def rebuild(self, changed: frozenset[str]) -> None:
        """Make the table anew, and tell the subscribers of what changed."""
        ...


Observer = Callable[[Decision], Any]


class _Everywhere:
    """What holds in all clients; each part of it is replaced whole, so reading takes no lock."""

    def __init__(self) -> None:
        self.clients: Live[Any] = Live()
        self.forced: tuple[Override, ...] = ()
        self.observers: tuple[Observer, ...] = ()


_here = _Everywhere()


def join(client: Client) -> None:
    """Let what holds everywhere hold in ``client`` too, unless it is made apart."""
    _here.clients.join(client)


def clients(*, collected: bool = False) -> list[Any]:
    """The clients in use, in no order.

    :param collected: without those that are garbage: slow, for who would be misled by one.
    """
    return _here.clients.collected() if collected else list(_here.clients)


def force(
    values: Mapping[Any, Forced],
    *,
    site: str,
    where: Mapping[str, Any] | None = None,
    level: int | None = None,
) -> Override:
    """Force flags in every client, once it is applied; ``site`` is the line that asks for it.

    :raises confkit.InvalidFlag: for a name that cannot be one.
    """
    return Override(forced(values, site), _put, site, where, level)


def _put(override: Override, there: bool) -> None:
    with _here.clients.lock:
        others = tuple(one for one in _here.forced if one is not override)
        _here.forced = (*others, override) if there else others
    _rebuild(frozenset(override.answers))


def observe(observer: Observer) -> Callable[[], None]:
    """Have ``observer`` called with every decision, until the function that this gives is called.

    It is called in the thread that asks, so it must be quick; what it raises reaches the caller
    of ``enabled`` as an answer with the reason ``error``.
    """

    def stop() -> None:
        with _here.clients.lock:
            _here.observers = tuple(one for one in _here.observers if one is not observer)
        _rebuild(frozenset())

    with _here.clients.lock:
        _here.observers = (*_here.observers, observer)
    _rebuild(frozenset())
    return stop


def _rebuild(names: frozenset[str]) -> None:
    for client in clients():
        client.rebuild(names)


def forced_in(client: Client) -> tuple[Override, ...]:
    """What is forced in ``client`` from here, in no order."""
    return _here.forced if _here.forced and client in _here.clients else ()


def observed(client: Client) -> bool:
    """Whether anybody wants to see the decisions of ``client``."""
    return bool(_here.observers) and client in _here.clients


def tell(client: Client, decision: Decision) -> None:
    """Show a decision to those who observe."""
    if _here.observers and client in _here.clients:
        for observer in _here.observers:
            observer(decision)
