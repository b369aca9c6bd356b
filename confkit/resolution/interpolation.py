"""``${NAME}``, ``${NAME:-default}``, ``${NAME:?message}``, ``${scheme:reference}`` and ``$$``.

Names are environment variables and names of ``.env`` files. A reference is answered by the
resolver of its scheme, and what it answers is final: resolved text is never looked at again.
``enc:gAAAA...`` is ``${fernet:gAAAA...}``, spelled so that every reader of env files keeps it.
An answer is one piece of the text: no list is split inside of it.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from confkit import encrypted
from confkit.errors import MissingExtra, SecretError
from confkit.forking import cached_property
from confkit.layers import Entry, Origin
from confkit.resolution.references import Answers, References, Resolvers
from confkit.resolution.unresolved import Unresolved, telling
from confkit.resolution.woven import Woven, answer, plain

#: The longest text that interpolation may make, in characters, its deepest nesting, and the most
#: expressions in one value once all variables in it are written out.
MAX_LENGTH = 64 * 1024
MAX_DEPTH = 20
MAX_EXPRESSIONS = 10_000

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OPERATOR = re.compile(r":?[-?+]")
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):(?![-?+])")
#: In text without names, only a reference is looked for; ``$${`` writes it as it stands.
_REFERENCE = re.compile(r"(\$?)\$\{([a-z][a-z0-9+.-]*):(?![-?+])([^{}]*)(\}?)")


class Used(NamedTuple):
    """One thing that a value was built from: what was written, and the origin that answered."""

    expression: str
    origin: Origin | None


class Expanded:
    """A text with everything in it answered, and what it was built from."""

    __slots__ = ("binary", "secret", "text", "used")

    def __init__(self) -> None:
        self.text = ""
        self.used: list[Used] = []
        self.secret = False
        #: the base64 of an answer that is bytes: it has to be the whole text
        self.binary = ""


class _Here(NamedTuple):
    """What an expression is a part of: the text it goes into, the variables on the way to it."""

    made: Expanded
    trail: list[str]
    asking: tuple[Entry, ...]
    depth: int


class Variables:
    """The names that ``${NAME}`` can mean: tables of entries, lowest precedence first.

    ``answers`` are what resolvers said before, and what they say now is added to it.
    ``asking`` is the entry whose text is being expanded: a variable that names itself, as
    ``SECRET_KEY=${SECRET_KEY}`` does, means the one in another table.
    """

    def __init__(
        self,
        tables: list[Mapping[str, Entry]],
        resolvers: Resolvers,
        answers: Answers | None = None,
        *,
        secret: Mapping[str, bool] | None = None,
    ) -> None:
        self.tables = tables
        #: the variables of secret fields: what is built from one of them is secret, too; and
        #: whether one is a single piece, so that no list is split inside of it
        self.secret = {} if secret is None else secret
        self.references = References(resolvers, self.text_of, answers)
        self._left = 0
        self._listed = False
        #: references met so far while they are only collected; None while they are answered
        self._met: list[tuple[str, str]] | None = None
        #: variables that a resolver is asking for
        self._asked: list[str] = []

    def expand(self, entry: Entry, *, listed: bool = False) -> Expanded:
        """The text of ``entry``, expanded.

        :param listed: a list as text: what is encrypted are its items, by :meth:`decrypted`.
        :raises Unresolved: naming the variable, the cycle or the scheme.
        """
        own = self._own.get(id(entry))
        before = self._left, self._listed
        self._left, self._listed = MAX_EXPRESSIONS, listed
        try:
            return self._expand(entry, [] if own is None else [own], (entry,), 0)
        finally:
            self._left, self._listed = before

    def decrypted(self, text: str) -> Expanded:
        """A text that is ``enc:`` and a token, decrypted; nothing else in it is looked at.

        :raises Unresolved: when it is anything else, or cannot be decrypted.
        """
        made = Expanded()
        made.text = self._decrypted(text, _Here(made, [], (), 0))
        return made

    @cached_property
    def _own(self) -> dict[int, str]:
        """The name of the variable that an entry is, by the entry's identity."""
        return {id(e): name for table in reversed(self.tables) for name, e in table.items()}

    @cached_property
    def names(self) -> frozenset[str]:
        """Every name that is set."""
        return frozenset(name for table in self.tables for name in table)

    def fetch(self, entries: Iterable[Entry]) -> None:
        """Ask the resolvers for every reference that the entries lead to, all together.

        Whatever is wrong is left for :meth:`expand` to find again.
        """
        met: list[tuple[str, str]] = []
        self._met = met
        for entry in entries:
            try:
                self.expand(entry)
            except Unresolved:
                continue
        self._met = None
        self.references.fetch(met)

    def text_of(self, name: str) -> str | None:
        """The expanded text of a variable, for resolvers; None when it is not set.

        :raises SecretError: when it cannot be expanded, or leads to itself.
        """
        entry = next((table[name] for table in reversed(self.tables) if name in table), None)
        if entry is None:
            return None
        if name in self._asked:
            raise SecretError(f"the variable {name} leads to itself")
        self._asked.append(name)
        try:
            return plain(self.expand(entry).text)
        except Unresolved as error:
            raise SecretError(f"{name}: {error.shown(secret=True)[0]}") from None
        finally:
            self._asked.pop()

    def _expand(
        self, entry: Entry, trail: list[str], asking: tuple[Entry, ...], depth: int
    ) -> Expanded:
        text = entry.raw
        made = Expanded()
        here = _Here(made, trail, asking, depth)
        if not isinstance(text, str):
            raise Unresolved(f"{(trail or ['it'])[-1]} holds no text", code="unreadable")
        if "$" not in text:
            made.text = text
        elif entry.literal or entry.quote == "'":
            made.text = self._literal(text, here)
        else:
            made.text = self._names(text, here)
        if not self._listed and ":" in made.text and encrypted.begun(made.text):
            made.text = self._decrypted(made.text, here)
        if len(made.text) > MAX_LENGTH:
            raise Unresolved(f"grows beyond {MAX_LENGTH // 1024} kB of text", code="too-large")
        if made.binary and made.text != made.binary:
            raise Unresolved("has bytes inside a longer text", code="binary-in-text")
        return made

    def _decrypted(self, text: str, here: _Here) -> str:
        token = encrypted.token(text)
        if token is None:
            raise Unresolved(
                "holds an encrypted text inside a longer one",
                "write ${fernet:...} there, or enc: and nothing else around it",
                "broken-token",
            )
        return self._reference("fernet", token, here)

    def _literal(self, text: str, here: _Here) -> str:
        """The text with its references answered; ``${NAME}`` stays as it is."""
        parts: list[str] = []
        at = 0
        for match in _REFERENCE.finditer(text):
            parts.append(text[at : match.start()])
            at = match.end()
            if match[1]:
                parts.append(match[0][1:])
            elif match[4]:
                parts.append(self._reference(match[2], match[3], here))
            else:
                raise Unresolved(
                    f"holds a ${{{match[2]}:...}} that is not closed, or has braces inside",
                    "in variables, arguments and single quotes nothing inside a reference is "
                    "expanded: write it without braces, or $${ for a ${ that is text",
                    "interpolation",
                    quoted=match[2],
                )
        parts.append(text[at:])
        return Woven.of(parts)

    def _names(self, text: str, here: _Here) -> str:
        parts: list[str] = []
        at = size = 0
        while (dollar := text.find("$", at)) >= 0:
            parts.append(text[at:dollar])
            following = text[dollar + 1 : dollar + 2]
            if following == "{":
                end = _closing(text, dollar + 2)
                inside = text[dollar + 2 : end]
                parts.append(self._expression(inside, here))
                at = end + 1
            else:
                parts.append("$")
                at = dollar + (2 if following == "$" else 1)
            size += len(parts[-1]) + len(parts[-2])
            if size > MAX_LENGTH:
                raise Unresolved(f"grows beyond {MAX_LENGTH // 1024} kB of text", code="too-large")
        parts.append(text[at:])
        return Woven.of(parts)

    def _expression(self, inside: str, here: _Here) -> str:
        self._left -= 1
        if self._left < 0:
            message = f"holds more than {MAX_EXPRESSIONS:,} variables once they are written out"
            raise Unresolved(message, code="too-large")
        if scheme := _SCHEME.match(inside):
            reference = inside[scheme.end() :]
            return self._reference(scheme[1], reference, here)
        match = _NAME.match(inside)
        name = match[0] if match else ""
        end = len(name)
        operator = _OPERATOR.match(inside, end)
        if not name or (operator is None and end < len(inside)):
            raise Unresolved(
                "holds a ${...} that is no form of a variable",  # not quoted: it may be a password
                "write ${NAME}, ${NAME:-default}, ${NAME:?message}, or $$ for a dollar sign",
                "interpolation",
            )
        how, rest = (operator[0], inside[operator.end() :]) if operator else ("", "")
        return self._variable(name, how, rest, here)

    def _variable(self, name: str, operator: str, rest: str, here: _Here) -> str:
        made, trail, asking, depth = here
        if depth >= MAX_DEPTH:
            message = f"${{{name}}} is nested deeper than {MAX_DEPTH}"
            raise Unresolved(message, code="interpolation", quoted=name)
        found = self._look_up(name, trail, asking)
        value = None
        if found is not None:
            inner = self._expand(found, [*trail, name], (*asking, found), depth + 1)
            value = answer(inner.text) if self.secret.get(name) else inner.text
            made.secret |= inner.secret or name in self.secret
            made.binary = made.binary or inner.binary
        # As in a shell, ":" means that an empty one counts as unset.
        there = bool(value) if operator.startswith(":") else value is not None
        if operator.endswith("?") and not there:
            raise Unresolved(f"{name}: {rest or 'is not set'}", f"set {name}", quoted=name)
        if operator and there == operator.endswith("+") and not operator.endswith("?"):
            shown = name if found or telling(name) else ""
            made.used.append(Used(f"${{{shown}{operator}...}}", None))
            return self._names(rest, here._replace(depth=depth + 1))
        if operator.endswith("+"):
            return ""
        if value is None:
            hint = f"set {name}, or write ${{{name}:-default}}"
            raise Unresolved(f"the variable {name} is not set", hint, quoted=name)
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

    def _reference(self, scheme: str, reference: str, here: _Here) -> str:
        made, known = here.made, self.references.schemes
        if scheme == "env" and scheme not in known:
            return self._variable(reference, "", "", here)
        if scheme not in known:
            hint = ", ".join(f"${{{name}:...}}" for name in ("env", *known))
            message, hint = f"nothing answers ${{{scheme}:...}}", f"known are {hint}"
            raise Unresolved(message, hint, "unknown-scheme", quoted=scheme)
        made.secret |= self.references.secret(scheme)
        if self._met is not None:
            self._met.append((scheme, reference))
            return "?"  # any text: what counts here is that there is one
        shown = self.references.shown(scheme, reference)
        made.used.append(Used(shown, None))
        try:
            found = self.references.answer(scheme, reference)
        except SecretError as error:
            raise Unresolved(f"{shown}: {error}", code=error.code) from None
        except MissingExtra as error:
            raise Unresolved(f"{shown}: {error}", code="missing-extra") from None
        if isinstance(found, bytes):
            made.binary = found = base64.b64encode(found).decode()
        return answer(found) if self.references.secret(scheme) else found


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
