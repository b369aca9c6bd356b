"""Something changed for a while: one object for ``with``, decorators, test classes and fixtures."""

from __future__ import annotations

import functools
import inspect
import unittest
from collections.abc import AsyncIterator, Callable, Iterator
from types import TracebackType
from typing import Any, Self, TypeVar, cast

from confkit.callers import call_site
from confkit.overriding import Token

F = TypeVar("F", bound=Callable[..., Any])


class Temporary:
    """A change that holds from ``apply()`` until ``remove()``.

    A context manager, and a decorator of functions, coroutine functions, generators (so of
    fixtures) and classes: of a ``unittest.TestCase`` it holds from ``setUpClass`` on, of another
    class in every method whose name starts with ``test``.

    :param site: ``file.py:31``, the line that asks for it; None: the line that called.
    """

    def __init__(self, site: str | None = None) -> None:
        self.site = call_site("override").place if site is None else site
        self._depth = 0
        self._token: Token | None = None

    #: What is changed, without the values: for reports of leaks.
    what = "change"
    #: Applied already by the call of a fixture: ``with`` takes it over instead of entering again.
    unclaimed = False

    def _set(self) -> None:
        raise NotImplementedError

    def _undo(self) -> None:
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"<{self.what}, set at {self.site}>"

    @property
    def applied(self) -> bool:
        """Whether the change is in force."""
        return self._depth > 0

    def apply(self) -> Self:
        """Put the change in force."""
        self._depth += 1
        if self._depth == 1:
            self._token = Token(self.what, self.site, self.remove)
            try:
                self._set()
            except BaseException:
                self._depth = 0
                self._token.release()
                raise
        return self

    def remove(self) -> None:
        """Take the change back; doing it twice changes nothing."""
        if self._depth and self._token is not None:
            self._depth = 0
            self._token.release()
            self._undo()

    def __enter__(self) -> Self:
        if self.unclaimed:
            self.unclaimed = False
            return self
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

    def __call__(self, decorated: F) -> F:
        """Let the change hold while ``decorated`` runs."""
        if isinstance(decorated, type):
            return cast("F", self._around_class(decorated))
        return cast("F", _around(self, decorated))

    def _around_class(self, cls: type) -> type:
        if issubclass(cls, unittest.TestCase):
            before = cls.setUpClass.__func__  # type: ignore[attr-defined]

            def set_up(klass: type[unittest.TestCase]) -> None:
                klass.enterClassContext(self)
                before(klass)

            cls.setUpClass = classmethod(set_up)  # type: ignore[assignment,method-assign]
            return cls
        for name, method in list(vars(cls).items()):
            if name.startswith("test") and inspect.isfunction(method):
                setattr(cls, name, _around(self, method))
        return cls


def _around(change: Temporary, function: Callable[..., Any]) -> Callable[..., Any]:
    """``function`` with ``change`` in force while it runs, whatever kind of function it is."""
    if inspect.isasyncgenfunction(function):

        async def agenerator(*args: Any, **kwargs: Any) -> AsyncIterator[Any]:
            with change:
                async for item in function(*args, **kwargs):
                    yield item

        return functools.wraps(function)(agenerator)
    if inspect.isgeneratorfunction(function):

        def generator(*args: Any, **kwargs: Any) -> Iterator[Any]:
            with change:
                yield from function(*args, **kwargs)

        return functools.wraps(function)(generator)
    if inspect.iscoroutinefunction(function):

        async def coroutine(*args: Any, **kwargs: Any) -> Any:
            with change:
                return await function(*args, **kwargs)

        return functools.wraps(function)(coroutine)

    def plain(*args: Any, **kwargs: Any) -> Any:
        with change:
            return function(*args, **kwargs)

    return functools.wraps(function)(plain)
