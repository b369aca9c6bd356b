"""What answers references and reads of secrets in place of their resolvers, in tests."""

from __future__ import annotations

from collections.abc import Callable

#: Gives the text for a scheme and a reference, or None where the resolver itself is asked.
StandIn = Callable[[str, str], str | None]

#: Those in force: empty, outside of tests.
standing: list[StandIn] = []


def stand_in(function: StandIn) -> Callable[[], None]:
    """Ask ``function`` before every resolver, in the whole process, until the result is called.

    Of several, the one that came last is asked first.
    """
    standing.append(function)

    def undo() -> None:
        if function in standing:
            standing.remove(function)

    return undo


def stood_in(scheme: str, reference: str) -> str | None:
    """The text that stands in for the resolver's; None where none does."""
    for function in reversed(standing):
        if (text := function(scheme, reference)) is not None:
            return text
    return None
