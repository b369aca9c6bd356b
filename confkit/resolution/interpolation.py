"""``${NAME}``, ``${NAME:-default}``, ``${NAME:?message}``, ``${scheme:reference}`` and ``$$``.

Names are environment variables and names of ``.env`` files. A reference is answered by the
resolver of its scheme, and what it answers is final: resolved text is never looked at again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from confkit.errors import SecretError
from confkit.layers import Entry, Origin

#: The longest text that interpolation may make, in characters, its deepest nesting, and the most
#: expressions in one value once all variables in it are written out.
MAX_LENGTH = 64 * 1024
MAX_DEPTH = 20
MAX_EXPRESSIONS = 10_000

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):(?![-?])")
#: In text without names, only a reference is looked for; ``$${`` writes it as it stands.
_REFERENCE = re.compile(r"(\$?)\$\{([a-z][a-z0-9+.-]*):((?![-?])[^{}]*)\}")


class Resolver(Protocol):
    """Answers ``${scheme:reference}``; ``secret`` says whether the answer needs a secret field."""

    secret: bool

    def resolve(self, reference: str) -> str:
        """The text that the reference stands for.

        :raises LookupError: when there is none.
        :raises confkit.SecretError: when it cannot be fetched or read.
        """
        ...


@dataclass(frozen=True, slots=True)
class Used:
    """One thing that a value was built from: what was written, and the origin that answered."""

    expression: str
    origin: Origin | None


class Expanded:
    """A text with everything in it answered, and what it was built from."""

    __slots__ = ("secret", "text", "used")

    def __init__(self) -> None:
        self.text = ""
        self.used: list[Used] = []
        self.secret = False


class Unresolved(ValueError):
    """A name or reference that has no answer; ``hint`` is the mend, ``code`` for machines."""

    def __init__(self, message: str, hint: str = "", code: str = "unset-variable") -> None:
        super().__init__(message)
        self.message, self.hint, self.code = message, hint, code


class Variables:
    """The names that ``${NAME}`` can mean: tables of entries, lowest precedence first.

    ``asking`` is the entry whose text is being expanded: a variable that names itself, as
    ``SECRET_KEY=${SECRET_KEY}`` does, means the one in another table.
    """

    def __init__(
        self, tables: list[Mapping[str, Entry]], resolvers: Mapping[str, Resolver]
    ) -> None:
        self.tables = tables
        self.resolvers = resolvers
        self._left = 0

    def expand(self, entry: Entry) -> Expanded:
        """The text of ``entry``, expanded.

        :raises Unresolved: naming the variable, the cycle or the scheme.
        """
        own = [n for table in self.tables for n, e in table.items() if e is entry]
        self._left = MAX_EXPRESSIONS
        return self._expand(entry, own[:1], (entry,), 0)

    def _expand(
        self, entry: Entry, trail: list[str], asking: tuple[Entry, ...], depth: int
    ) -> Expanded:
        text = entry.raw
        made = Expanded()
        if "$" not in text:
            made.text = text
        elif entry.literal or entry.quote == "'":
            made.text = _REFERENCE.sub(lambda m: self._in_literal(m, made), text)
        else:
            made.text = self._names(text, trail, asking, made, depth)
        if len(made.text) > MAX_LENGTH:
            raise Unresolved(f"grows beyond {MAX_LENGTH // 1024} kB of text", code="too-large")
        return made

    def _in_literal(self, match: re.Match[str], made: Expanded) -> str:
        if match[1]:
            return match[0][1:]
        return self._reference(match[2], match[3], made)

    def _names(
        self,
        text: str,
        trail: list[str],
        asking: tuple[Entry, ...],
        made: Expanded,
        depth: int,
    ) -> str:
        parts: list[str] = []
        at = size = 0
        while (dollar := text.find("$", at)) >= 0:
            parts.append(text[at:dollar])
            following = text[dollar + 1 : dollar + 2]
            if following == "{":
                end = _closing(text, dollar + 2)
                inside = text[dollar + 2 : end]
                parts.append(self._expression(inside, trail, asking, made, depth))
                at = end + 1
            else:
                parts.append("$")
                at = dollar + (2 if following == "$" else 1)
            size += len(parts[-1]) + len(parts[-2])
            if size > MAX_LENGTH:
                raise Unresolved(f"grows beyond {MAX_LENGTH // 1024} kB of text", code="too-large")
        parts.append(text[at:])
        return "".join(parts)

    def _expression(
        self,
        inside: str,
        trail: list[str],
        asking: tuple[Entry, ...],
        made: Expanded,
        depth: int,
    ) -> str:
        self._left -= 1
        if self._left < 0:
            message = f"holds more than {MAX_EXPRESSIONS:,} variables once they are written out"
            raise Unresolved(message, code="too-large")
        if scheme := _SCHEME.match(inside):
            return self._reference(scheme[1], inside[scheme.end() :], made)
        match = _NAME.match(inside)
        name = match[0] if match else ""
        operator, rest = inside[len(name) : len(name) + 2], inside[len(name) + 2 :]
        if not name or operator not in ("", ":-", ":?"):
            raise Unresolved(
                "holds a ${...} that is no form of a variable",  # not quoted: it may be a password
                "write ${NAME}, ${NAME:-default}, ${NAME:?message}, or $$ for a dollar sign",
                "interpolation",
            )
        if depth >= MAX_DEPTH:
            raise Unresolved(f"${{{name}}} is nested deeper than {MAX_DEPTH}", code="interpolation")
        found = self._look_up(name, trail, asking)
        value = None
        if found is not None:
            inner = self._expand(found, [*trail, name], (*asking, found), depth + 1)
            value = inner.text
            made.secret |= inner.secret
        if operator and not value:  # as in a shell, ":" means that an empty one counts as unset
            if operator == ":?":
                raise Unresolved(f"{name}: {rest or 'is not set'}", f"set {name}")
            made.used.append(Used(f"${{{name}:-...}}", None))
            return self._names(rest, trail, asking, made, depth + 1)
        if value is None:
            raise Unresolved(
                f"the variable {name} is not set", f"set {name}, or write ${{{name}:-default}}"
            )
        made.used.append(Used(f"${{{name}}}", found.origin if found else None))
        return value

    def _look_up(self, name: str, trail: list[str], asking: tuple[Entry, ...]) -> Entry | None:
        passed = False
        for table in reversed(self.tables):
            entry: Entry | None = table.get(name)
            if entry is None:
                continue
            if not any(entry is one for one in asking):
                return entry
            passed = True
        if passed and name in trail and trail[-1] != name:
            circle = " -> ".join(f"${{{n}}}" for n in [*trail[trail.index(name) :], name])
            raise Unresolved(f"the variables go round in a circle: {circle}", code="cycle")
        return None

    def _reference(self, scheme: str, reference: str, made: Expanded) -> str:
        resolver = self.resolvers.get(scheme)
        if resolver is None:
            known = ", ".join(f"${{{name}:...}}" for name in sorted(self.resolvers))
            raise Unresolved(
                f"nothing answers ${{{scheme}:...}}", f"known are {known}", "unknown-scheme"
            )
        made.secret |= resolver.secret
        made.used.append(Used(f"${{{scheme}:{'...' if scheme == 'fernet' else reference}}}", None))
        try:
            return resolver.resolve(reference)
        except LookupError:
            raise Unresolved(
                f"${{{scheme}:{reference}}} has no answer", code="unresolved-reference"
            ) from None
        except SecretError as error:
            raise Unresolved(str(error), code="unresolved-reference") from None


def _closing(text: str, start: int) -> int:
    """The offset of the brace that closes the expression which starts at ``start``."""
    depth = 1
    for i in range(start, len(text)):
        if text[i] == "}":
            depth -= 1
            if not depth:
                return i
        elif text[i] == "{" and text[i - 1] == "$":
            depth += 1
            if depth > MAX_DEPTH:
                message = f"holds ${{...}} nested deeper than {MAX_DEPTH}"
                raise Unresolved(message, code="interpolation")
    raise Unresolved(
        "a ${ is not closed", "close it with }, or write $$ for a dollar sign", "interpolation"
    )


class EnvironmentResolver:
    """``${env:NAME}``: a variable, looked up as ``${NAME}`` is, in places without names."""

    secret = False

    def __init__(self, look_up: Callable[[str], str | None]) -> None:
        self._look_up = look_up

    def resolve(self, reference: str) -> str:
        """The variable's text; LookupError when it is not set."""
        value = self._look_up(reference)
        if value is None:
            raise LookupError(reference)
        return value
