"""What can go wrong, in one tree.

::

    ConfkitError
    ├── SchemaError              the declaration is wrong: fix the code             (TypeError)
    ├── InvalidSource            one source cannot be read as it stands             (ValueError)
    ├── InvalidConfig            the layers together give no valid settings         (ValueError)
    ├── UnknownKey               a key that the settings do not have                (LookupError)
    ├── MissingExtra             an optional library is not installed              (ImportError)
    ├── SaveError                a value cannot be saved; nothing has changed
    │   ├── Shadowed                 a higher layer sets the key: the value would not count
    │   ├── FileChanged              the file changed since it was read
    │   └── NotWritable              the file, its directory or the disk takes no writes
    ├── InvalidPopulation        ids or columns that cannot be analysed              (ValueError)
    ├── SecretError              a secret cannot be resolved, read or written
    │   ├── MissingKey               no encryption key is set
    │   ├── EmptyKey                 the encryption key is an empty text
    │   ├── MalformedKey             the text is no encryption key
    │   ├── WrongKey                 no key opens this token
    │   ├── BrokenToken              the text is no token, or a part of one
    │   │   └── ExpiredToken         the token is older than it may be
    │   ├── SecretNotFound           there is no such secret or field           (LookupError)
    │   │   └── SecretDeleted        it is deleted, or about to be
    │   ├── SecretDenied             wrong credentials or permission
    │   │   └── CredentialsExpired   the credentials are no longer valid
    │   ├── SecretUnavailable        no answer: try again later
    │   │   └── SecretThrottled      too many requests
    │   └── SecretGarbled            the answer holds no secret
    └── FlagError
        ├── InvalidFlag          a rule that does not hold: every problem at once   (ValueError)
        ├── UnknownFlag          a flag that the store does not have                (LookupError)
        ├── FlagConflict         the flag changed since it was read
        ├── InvalidPlan          a plan that is none, or not approved                 (ValueError)
        ├── NoSql                a flag that a dialect of SQL cannot say               (ValueError)
        └── StoreError           the store cannot be read or written as it stands
            ├── StoreDoubted         it lost, or never had, what the client believes of it
            ├── StoreUnavailable     no answer: try again later
            ├── StoreReadOnly        this server or file takes no writes
            ├── StoreFull            out of memory or space
            ├── StoreDenied          wrong user, password or permission
            └── StoreBusy            the server is busy with a script or loading
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from confkit.layers import Layer, Origin, printable

if TYPE_CHECKING:
    from confkit.resolution.snapshot import Resolution


class ConfkitError(Exception):
    """Everything that confkit raises on purpose."""


class SchemaError(ConfkitError, TypeError):
    """The settings are declared in a way that cannot work."""


class UnknownKey(ConfkitError, LookupError):
    """A key that the settings do not have."""


class MissingExtra(ConfkitError, ImportError):
    """An optional library is not installed; the message has the line that installs it."""

    def __init__(self, library: str, extra: str) -> None:
        self.extra = extra
        super().__init__(
            f"{library} is not installed: pip install 'confkit-toolkit[{extra}]'", name=library
        )


class SaveError(ConfkitError):
    """A value cannot be saved; the file and the settings are as they were."""


class Shadowed(SaveError):
    """A higher layer sets the key, so the saved value would not count; the message names it."""


class FileChanged(SaveError):
    """The file changed since it was read: reload, then decide again."""


class NotWritable(SaveError):
    """The file, its directory or the disk takes no writes."""


class InvalidPopulation(ConfkitError, ValueError):
    """Ids or columns that cannot be analysed; the message names the row or the column."""


class SecretError(ConfkitError):
    """A secret cannot be resolved, read or written. ``code`` is stable, for machines."""

    code = "unresolved-reference"


class MissingKey(SecretError):
    """No encryption key is set."""

    code = "missing-key"


class EmptyKey(SecretError):
    """The variable of the encryption key is set to an empty text."""

    code = "empty-key"


class MalformedKey(SecretError):
    """The text is no encryption key: 32 bytes in URL-safe base64."""

    code = "malformed-key"


class WrongKey(SecretError):
    """The token is whole, and no key opens it: it was made with another one, or altered."""

    code = "wrong-key"


class BrokenToken(SecretError):
    """The text is no token, or only a part of one."""

    code = "broken-token"


class ExpiredToken(BrokenToken):
    """The token is older than the time to live that was asked for."""

    code = "expired-token"


class SecretNotFound(SecretError, LookupError):
    """There is no such secret, version or field."""

    code = "secret-not-found"


class SecretDeleted(SecretNotFound):
    """The secret is deleted, or waits for its deletion."""

    code = "secret-deleted"


class SecretDenied(SecretError):
    """No credentials, wrong ones, or no permission."""

    code = "secret-denied"


class CredentialsExpired(SecretDenied):
    """The credentials are no longer valid."""

    code = "credentials-expired"


class SecretUnavailable(SecretError):
    """No answer, or a failure of the other side: try again later."""

    code = "secret-unavailable"


class SecretThrottled(SecretUnavailable):
    """Too many requests."""

    code = "secret-throttled"


class SecretGarbled(SecretError):
    """The answer, or the file, holds no secret that can be read."""

    code = "secret-garbled"


class FlagError(ConfkitError):
    """Something about a flag or its store; its text, which may quote a store, is printable."""

    def __init__(self, message: str = "") -> None:
        super().__init__(printable(message))


class InvalidFlag(FlagError, ValueError):
    """A rule that does not hold; ``problems`` names each fault, its ``key`` a field of the rule."""

    def __init__(self, name: str, problems: Iterable[Problem]) -> None:
        self.name = name
        self.problems = tuple(problems)
        faults = "; ".join(f"{p.key}: {p.message}" for p in self.problems)
        super().__init__(f"flag {name!r}: {faults}")


class UnknownFlag(FlagError, LookupError):
    """A flag that the store does not have."""


class FlagConflict(FlagError):
    """The flag changed since it was read: read it again, then decide again."""


class InvalidPlan(FlagError, ValueError):
    """A plan that cannot be applied as it is: changed, of another format, or not approved."""


class NoSql(FlagError, ValueError):
    """A flag does not translate to a dialect of SQL; ``parts`` names each part that does not."""

    def __init__(self, name: str, dialect: str, parts: Iterable[str]) -> None:
        self.name, self.dialect, self.parts = name, dialect, tuple(parts)
        super().__init__(f"flag {name!r} has no {dialect} form: {'; '.join(self.parts)}")

    def __reduce__(self) -> tuple[Any, ...]:
        return (NoSql, (self.name, self.dialect, self.parts))


class StoreError(FlagError):
    """The store cannot be read or written as it stands; ``code`` is as in problems of files."""

    code = "store"


class StoreDoubted(StoreError):
    """The store does not hold what the client believes of it; nothing was written."""


class StoreUnavailable(StoreError):
    """The store gave no answer."""


class StoreReadOnly(StoreError):
    """The store takes no writes here: a replica, or a file without permission."""


class StoreFull(StoreError):
    """The store is out of memory or space."""


class StoreDenied(StoreError):
    """Wrong user, password or permission."""


class StoreBusy(StoreError):
    """The store is loading its data or running a script."""


class Problem(NamedTuple):
    """One thing that is wrong, where it is, and how to fix it.

    ``key`` is empty for a whole file, and ``message`` is to be read behind it. ``origin`` is where
    the value was set, ``others`` where else; ``hint`` is what to do. ``code`` is stable, for
    machines; ``value`` is the offending text, masked; ``excerpt`` the line with a caret below it.
    """

    key: str
    message: str
    origin: Origin | None = None
    hint: str = ""
    code: str = "invalid"
    value: str = ""
    excerpt: str = ""
    others: tuple[Origin, ...] = ()

    def __str__(self) -> str:
        text = f"{self.key}: {self.message}" if self.key else self.message
        place = "" if self.origin is None else str(self.origin)
        facts = f"{self.value}, {place}" if self.value and place else self.value or place
        if facts:
            text = f"{text} ({facts}) {self.hint}".rstrip()
        elif self.hint:
            text = f"{text}; {self.hint}"
        return printable(text)

    def as_dict(self) -> dict[str, Any]:
        """The problem for machines: plain JSON values, no secret among them."""
        origin = self.origin
        return {
            "key": self.key,
            "code": self.code,
            "message": self.message,
            "value": self.value or None,
            "origin": None if origin is None else str(origin),
            "file": origin.name if origin is not None and origin.kind == "file" else None,
            "line": None if origin is None else origin.line,
            "column": None if origin is None else origin.column,
            "hint": self.hint or None,
            "also_set_by": [str(other) for other in self.others],
        }


def _order(problem: Problem) -> tuple[str, int, int, str]:
    origin = problem.origin
    if origin is None:
        return ("", 0, 0, problem.key)
    named = origin.kind in ("file", "argv", "code")
    name = origin.name if named else f"{origin.kind} {origin.name}"
    return (name, origin.line or 0, origin.column or 0, problem.key)


class InvalidSource(ConfkitError, ValueError):
    """One source cannot be read as it stands: ``problems``, and the ``partial`` layer read."""

    def __init__(self, problems: Iterable[Problem], partial: Layer | None = None) -> None:
        self.problems = tuple(problems)
        self.partial = partial
        super().__init__("; ".join(map(str, self.problems)))

    def __reduce__(self) -> tuple[Any, ...]:
        return (InvalidSource, (self.problems,))  # without the layer: it holds the file's text


class InvalidConfig(ConfkitError, ValueError):
    """Every problem of every layer, sorted by origin: one run, one fix."""

    def __init__(
        self, name: str, problems: Iterable[Problem], resolution: Resolution[Any] | None = None
    ) -> None:
        self.name = name
        self.problems: tuple[Problem, ...] = tuple(sorted(problems, key=_order))
        #: explains every key, also the broken ones; None where nothing could be resolved
        self.resolution = resolution
        super().__init__(name, self.problems)

    def __iter__(self) -> Iterator[Problem]:
        return iter(self.problems)

    def __reduce__(self) -> tuple[Any, ...]:
        # Without the resolution: it holds every raw value.
        return (InvalidConfig, (self.name, self.problems))

    def __repr__(self) -> str:
        return f"<InvalidConfig {self.name}: {len(self.problems)} problems>"

    def __str__(self) -> str:  # made when it is asked for: thousands of problems take their time
        count = len(self.problems)
        lines = [f"{self.name}: {count} problem{'s' if count != 1 else ''}"]
        for problem in self.problems:
            lines.append(f"  {problem}")
            if problem.excerpt:
                lines.extend("    " + line for line in problem.excerpt.splitlines())
            if problem.others:
                lines.append("    also set by: " + ", ".join(map(str, problem.others)))
        return "\n".join(lines)
