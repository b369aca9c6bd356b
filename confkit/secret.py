"""A string that never prints itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NoReturn

#: What stands in place of a secret: always the same, whatever its length.
MASK = "***"

_pickling = ContextVar("confkit_secret_pickling", default=False)


class Secret:
    """A secret text: masked in every output, compared in constant time, read by ``reveal()``.

    It is no ``str``, so that no library can print, join or serialise it by accident. Copies are
    the same object, which keeps ``dataclasses.asdict`` and ``copy.deepcopy`` working. Pickling is
    refused unless it happens inside ``with Secret.pickling_allowed():``.
    """

    __slots__ = ("__value",)

    def __init__(self, value: str) -> None:
        if not isinstance(value, str):
            raise TypeError(f"a secret is a str, not {type(value).__name__}")
        self.__value = value

    def reveal(self) -> str:
        """Give the text itself. Every call is a place to look at in a review."""
        return self.__value

    def __repr__(self) -> str:
        return f"Secret({MASK!r})"

    def __str__(self) -> str:
        return MASK

    def __format__(self, spec: str) -> str:
        return format(MASK, spec)

    def __bool__(self) -> bool:
        return bool(self.__value)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        import hmac  # with OpenSSL behind it, a tenth of what importing confkit.load takes

        mine, theirs = (s.reveal().encode("utf-8", "surrogatepass") for s in (self, other))
        return hmac.compare_digest(mine, theirs)

    def __hash__(self) -> int:
        return hash((Secret, self.__value))

    def __setattr__(self, name: str, value: Any) -> None:
        if name != "_Secret__value" or hasattr(self, name):
            raise AttributeError("a secret does not change: make a new one")
        object.__setattr__(self, name, value)

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Secret:
        return self

    def __reduce__(self) -> tuple[type[Secret], tuple[str]]:
        if not _pickling.get():
            self._refuse()
        return (Secret, (self.__value,))

    def __getstate__(self) -> NoReturn:
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise TypeError(
            "a Secret is not pickled, or it would lie in clear wherever the pickle goes; "
            "resolve it again there, or pickle inside `with Secret.pickling_allowed():`"
        )

    @staticmethod
    @contextmanager
    def pickling_allowed() -> Iterator[None]:
        """Let secrets be pickled, in clear, inside the block."""
        token = _pickling.set(True)
        try:
            yield
        finally:
            _pickling.reset(token)
