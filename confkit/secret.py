"""Text and bytes that never print themselves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, ClassVar, Generic, NoReturn, TypeVar

#: What stands in place of a secret: always the same, whatever its length.
MASK = "***"

_pickling = ContextVar("confkit_secret_pickling", default=False)

Held = TypeVar("Held", str, bytes)


class Sealed(Generic[Held]):
    """What :class:`Secret` and :class:`SecretBytes` share.

    It is no ``str`` and no ``bytes``, so that no library can print, join or serialise it by
    accident. Copies are the same object, which keeps ``dataclasses.asdict`` and ``copy.deepcopy``
    working. Pickling is refused unless it happens inside ``with Secret.pickling_allowed():``.
    """

    __slots__ = ("__value",)
    __value: Held
    _holds: ClassVar[type]

    def __init__(self, value: Held) -> None:
        if not isinstance(value, self._holds):
            given = type(value).__name__
            del value  # a traceback with locals would print it
            raise TypeError(f"a {type(self).__name__} holds {self._holds.__name__}, not {given}")
        self.__value = value

    def reveal(self) -> Held:
        """Give the value itself. Every call is a place to look at in a review."""
        return self.__value

    def __repr__(self) -> str:
        return f"{type(self).__name__}({MASK!r})"

    def __str__(self) -> str:
        return MASK

    def __format__(self, spec: str) -> str:
        return format(MASK, spec)

    def __dir__(self) -> list[str]:
        # Inspectors print the attributes that are listed here.
        return [name for name in super().__dir__() if not name.startswith("_Sealed__")]

    def __bool__(self) -> bool:
        return bool(self.__value)

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        import hmac  # with OpenSSL behind it, a tenth of what importing confkit.load takes

        return hmac.compare_digest(_bytes(self.__value), _bytes(other.__value))

    def __hash__(self) -> int:
        return hash((type(self), self.__value))

    def __setattr__(self, name: str, value: Any) -> None:
        if name != "_Sealed__value" or hasattr(self, name):
            del value
            raise AttributeError("a secret does not change: make a new one")
        object.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> None:
        raise AttributeError("a secret does not change: make a new one")

    def __copy__(self) -> Any:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        if not _pickling.get():
            self._refuse()
        return (type(self), (self.__value,))

    def __getstate__(self) -> NoReturn:
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise TypeError(
            "a secret is not pickled, or it would lie in clear wherever the pickle goes; "
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


def _bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")


class Secret(Sealed[str]):
    """A secret text: masked in every output, compared in constant time, read by ``reveal()``.

    ::

        Secret("hunter2")            # Secret('***')
        Secret("hunter2").reveal()   # 'hunter2'
    """

    __slots__ = ()
    _holds = str


class SecretBytes(Sealed[bytes]):
    """A secret of bytes, such as a key file; otherwise as :class:`Secret`.

    In a file or variable it is written in base64, as every field of bytes is.
    """

    __slots__ = ()
    _holds = bytes
