"""The marks of a field beside its type: ``Annotated[int, Check(min=1), Doc("seconds")]``.

A mark holds wherever it stands: on the field, or on a type inside the field's type. A mark that
cannot be honoured where it stands is a ``SchemaError`` when the class is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypedDict

if TYPE_CHECKING:
    from typing import Unpack


class _Required:
    """The default of a field that has none: some layer has to set it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "REQUIRED"


#: ``secret_key: Secret = REQUIRED``: a field without a default that may stand behind others.
REQUIRED: Any = _Required()


class CheckRules(TypedDict, total=False):
    """The rules that :class:`Check` takes, by Cerberus's names."""

    min: Any
    max: Any
    minlength: int
    maxlength: int
    empty: bool
    allowed: Iterable[Any]
    forbidden: Iterable[Any]
    contains: Any
    regex: str
    check_with: Callable[[str, Any, Callable[[str, str], None]], object]
    dependencies: str | Sequence[str] | Mapping[str, Any]
    excludes: str | Sequence[str]
    items: Sequence[Mapping[str, Any]]
    schema: Mapping[str, Any]
    keysrules: Mapping[str, Any]
    valuesrules: Mapping[str, Any]
    allof: Sequence[Mapping[str, Any]]
    anyof: Sequence[Mapping[str, Any]]
    noneof: Sequence[Mapping[str, Any]]
    oneof: Sequence[Mapping[str, Any]]


class Check:
    """Cerberus rules on a value, by Cerberus's own names: ``Check(min=1, max=100)``.

    The rules judge the typed value. A rule that does not exist, and an operand that does not fit
    the type, is a ``SchemaError`` when the class is read. ``None`` is never judged.
    """

    def __init__(self, **rules: Unpack[CheckRules]) -> None:
        self.rules: Mapping[str, Any] = dict(rules)

    def __repr__(self) -> str:
        return f"Check({', '.join(f'{k}={v!r}' for k, v in self.rules.items())})"


class _Mark:
    """What marks share: two with the same values are equal. No dataclass: they start slowly."""

    __slots__ = ()

    def _values(self) -> tuple[object, ...]:
        slots: tuple[str, ...] = self.__slots__
        return tuple(getattr(self, name) for name in slots)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Mark) and self.__reduce__() == other.__reduce__()

    def __hash__(self) -> int:
        return hash(self.__reduce__())

    def __setattr__(self, name: str, value: object) -> None:
        if hasattr(self, name):
            raise AttributeError(f"a mark does not change: write {type(self).__name__}(...) again")
        object.__setattr__(self, name, value)

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        return type(self), self._values()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self._values()))})"


class Doc(_Mark):
    """What a field means, for help texts, schemas and examples: ``Doc("seconds")``."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


class Env(_Mark):
    """The environment name of a field, or the prefix of a nested dataclass: ``Env("API_KEY")``.

    :param exact: the name is complete: ``prefix=`` does not go before it.
    :param file: ``API_KEY_FILE`` may name a file that holds the value, as it always may for a
        field of the type ``Secret``. Without a name the field keeps its own: ``Env(file=True)``.
    """

    __slots__ = ("name", "exact", "file")  # noqa: RUF023 - in the order of the arguments

    def __init__(self, name: str = "", *, exact: bool = False, file: bool = False) -> None:
        self.name: str = name
        self.exact = exact
        self.file = file

    def __reduce__(self) -> tuple[Any, ...]:
        return (_env, (self.name, self.exact, self.file))

    def __repr__(self) -> str:
        extra = "".join(f", {name}=True" for name in ("exact", "file") if getattr(self, name))
        return f"Env({self.name!r}{extra})"


def _env(name: str, exact: bool, file: bool) -> Env:
    return Env(name, exact=exact, file=file)


class Renamed(_Mark):
    """The key this field had before. It still works, and warns with the place that uses it."""

    __slots__ = ("old",)

    def __init__(self, old: str) -> None:
        self.old = old


class Alias(_Mark):
    """A second spelling of the field in files, without a warning: ``Alias("from")``.

    For names that Python does not allow: ``class``, ``log-level``.
    """

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


class Open(_Mark):
    """A section that takes keys it has no field for, into its ``dict`` field of this name.

    ``database: Annotated[Database, Open("options")]``. On the ``dict`` field itself, without a
    name, it does the same for the class that the field belongs to.
    """

    __slots__ = ("field",)

    def __init__(self, field: str = "") -> None:
        self.field = field


class RelativePath(_Mark):
    """A path relative to the file that names it, instead of to the working directory."""

    __slots__ = ()


class Public(_Mark):
    """The value is shown, although the field's name reads like that of a secret."""

    __slots__ = ()


class Sensitive(_Mark):
    """The value is masked in every output, although it is no ``Secret``."""

    __slots__ = ()


class Seconds(_Mark):
    """A ``timedelta`` that takes a plain number as well: ``RETENTION=3600`` is one hour."""

    __slots__ = ()


class Read(_Mark):
    """A type of one's own: ``Annotated[Version, Read(Version.parse)]``.

    ``function`` gets what the source holds, mostly text, and returns the value. A ``ValueError``
    or ``TypeError`` of it is the problem's message. A value given in code that is an instance of
    the type already is taken as it is.
    """

    __slots__ = ("function",)

    def __init__(self, function: Callable[[Any], Any]) -> None:
        self.function = function
