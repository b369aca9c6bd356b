"""What a traceback with locals does not print: variables, and frames that hold secrets."""

from __future__ import annotations

from collections.abc import Callable, ItemsView, Iterator, Mapping
from functools import wraps
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
E = TypeVar("E", bound=BaseException)


class Unseen(Mapping[str, str]):
    """Variables as they are, behind a ``repr`` that shows how many there are and none of them."""

    __slots__ = ("_inner",)

    def __init__(self, inner: Mapping[str, str]) -> None:
        self._inner = inner

    def __repr__(self) -> str:
        return f"<{len(self._inner)} variables>"

    def __getitem__(self, name: str) -> str:
        return self._inner[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._inner)

    def __len__(self) -> int:
        return len(self._inner)

    def __contains__(self, name: object) -> bool:
        return name in self._inner

    def get(self, name: str, default: Any = None) -> Any:
        """The text of a variable, else ``default``."""
        return self._inner.get(name, default)

    def items(self) -> ItemsView[str, str]:
        """Names and texts, as fast as those of the mapping itself."""
        return self._inner.items()


def alone(error: E) -> E:
    """The error without the frames that it came through and the errors behind it.

    Their locals, attributes and texts may hold a secret.
    """
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)


def hiding(*kinds: type[Exception]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A decorator: errors of these kinds leave the function alone, as :func:`alone` makes them.

    For what is raised on purpose; a mistake of our own keeps its frames.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                return function(*args, **kwargs)
            except kinds as error:
                failed = error
            del args, kwargs  # they would be locals of this frame
            raise alone(failed)

        return call

    return decorate
