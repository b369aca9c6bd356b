"""Every token of some files under the newest key: comments and layout stay, a crash loses nothing.

Tokens are found in the text of a file, whatever its format, so that nothing but them changes. The
order is what keeps them readable: a new key is on the disk before any token needs it, the old keys
stay, and each file is replaced whole.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from confkit import atomic
from confkit.errors import (
    BrokenToken,
    ConfkitError,
    EmptyKey,
    MissingKey,
    SecretDenied,
    SecretError,
    SecretNotFound,
)
from confkit.layers import shown
from confkit.secret import Secret
from confkit.secrets.keys import KeyRing, new_key
from confkit.sources.dotenv import Statement, parse
from confkit.sources.reading import decode, read_bytes
from confkit.unseen import hiding

#: A Fernet token, plain or in base64 once more.
TOKEN = re.compile(
    r"(?<![A-Za-z0-9_+/-])(?:gAAAA[A-Za-z0-9_-]{90,}|Z0FBQUFB[A-Za-z0-9+/]{120,})={0,2}"
    r"(?![A-Za-z0-9_+/=-])"
)
#: What begins as a token and is too long for an example of one. Behind other letters it has to be
#: a token of the years 2004 to 2106: pictures in base64 have `gAAAA` in their first bytes.
_BEGUN = re.compile(
    r"(?:(?<![A-Za-z0-9_+/-])gAAAA|gAAAAA[BCD])[A-Za-z0-9_-]{20,}|Z0FBQUFB[A-Za-z0-9+/]{20,}"
)
KEYS, KEY = "ENCRYPTION_KEYS", "ENCRYPTION_KEY"


@dataclass(frozen=True, slots=True)
class Rotated:
    """One file: how many tokens it holds, how many were not under the newest key, its new bytes."""

    path: Path
    name: str
    tokens: int
    old: int
    before: bytes
    after: bytes

    def __repr__(self) -> str:
        return f"<Rotated {self.name}: {self.old} of {self.tokens}>"

    def as_dict(self) -> dict[str, object]:
        """The counts as JSON values."""
        return {"file": self.name, "tokens": self.tokens, "rotated": self.old}


@hiding(ConfkitError)
def plan(paths: Iterable[Path], ring: KeyRing | None) -> list[Rotated]:
    """What rotation would make of each file; nothing is written.

    A file that has several names among the paths is planned once, under the first of them.

    :param ring: None where there is no key yet: then there must be no token either.
    :raises SecretError: MissingKey, WrongKey or BrokenToken with file and line, for the first
        token that no key opens, and for one that other text runs into: then no file is touched.
    :raises InvalidSource: for a file that cannot be read as text.
    """
    files: dict[str, Path] = {}
    for path in paths:
        files.setdefault(os.path.realpath(path), path)
    return [_planned(path, ring) for path in files.values()]


def _planned(path: Path, ring: KeyRing | None) -> Rotated:
    name = shown(path)
    before = read_bytes(path, name)
    if before is None:
        raise SecretNotFound(f"there is no file {name}")
    decode(before, name)  # names the line and column of what is no UTF-8
    text = before.decode("utf-8")
    _refuse_parts(text, name)
    old = tokens = 0

    def rotate(match: re.Match[str]) -> str:
        nonlocal old, tokens
        tokens += 1
        try:
            if ring is None:
                raise MissingKey("there is no key yet that opens this token")
            made = ring.rotate(match[0])
        except SecretError as error:
            raise _at(error, name, text, match.start()) from None
        old += made != match[0]
        return made

    after = TOKEN.sub(rotate, text)
    return Rotated(path, name, tokens, old, before, after.encode())


def _refuse_parts(text: str, name: str) -> None:
    whole = {match.start() for match in TOKEN.finditer(text)}
    for match in _BEGUN.finditer(text):
        if match.start() not in whole:
            broken = BrokenToken("a token is cut, goes on in another line, or runs into other text")
            raise _at(broken, name, text, match.start())


def _at(error: SecretError, name: str, text: str, offset: int) -> SecretError:
    line = text.count("\n", 0, offset) + 1
    return type(error)(f"{name}:{line}: {error}")


@hiding(ConfkitError)
def write(planned: Sequence[Rotated]) -> None:
    """Replace each file that has old tokens: whole, by renaming, with the mode it has.

    :raises SecretDenied: for a file that changed since it was planned, or cannot be written.
    """
    for one in planned:
        if one.after == one.before:
            continue
        try:
            with atomic.locked(one.path):
                if read_bytes(one.path, one.name) != one.before:
                    raise SecretDenied(f"{one.name} changed meanwhile: run again")
                atomic.replace(one.path, one.after)
        except OSError as error:
            raise SecretDenied(f"{one.name} cannot be written: {error.strerror}") from None


# -- the file that holds the keys ----------------------------------------------------------------


@hiding(ConfkitError)
def keys_in(path: Path) -> dict[str, Secret]:
    """The variables of an env file that hold keys; none for a file that is not there.

    :raises InvalidSource: when it cannot be read.
    """
    data = read_bytes(path, shown(path))
    if data is None:
        return {}
    bindings = parse(decode(data, shown(path)))
    found = _key_bindings(bindings, shown(path))
    return {b.name: Secret(b.value) for b in found if b.name and b.value}


@hiding(ConfkitError)
def store_new_key(path: Path) -> KeyRing:
    """Put a new key in front of the others in an env file; the ring of all of them.

    The file is made with mode 600 if it is not there. A single ``ENCRYPTION_KEY`` stays where it
    is, behind the new one in ``ENCRYPTION_KEYS``. Of several that do this at the same time, each
    finds the keys of those before it.

    :raises EmptyKey: when the file sets a key to nothing.
    :raises MalformedKey: when it holds what is no key, a reference such as ``${NAME}`` included.
    :raises SecretDenied: when it cannot be written.
    """
    try:
        # All of it: what is read before the lock may be older than what another one wrote.
        with atomic.locked(path):
            return _stored(path, shown(path), Secret(new_key()))
    except OSError as error:
        raise SecretDenied(f"{shown(path)} cannot be written: {error.strerror}") from None


def _stored(path: Path, name: str, made: Secret) -> KeyRing:
    old = keys_in(path)
    ring_of_old = KeyRing.from_variables(_reader(old)) if old else None
    text = decode(read_bytes(path, name) or b"", name)
    if not path.exists():
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    atomic.replace(path, _with_key(text, made, old, name).encode())
    ring = KeyRing.from_variables(_reader(keys_in(path)))
    expected = 1 + (len(ring_of_old) if ring_of_old else 0)
    if len(ring) != expected or ring.position(KeyRing([made]).encrypt("")):
        raise SecretDenied(f"{name} does not hold the new key after it was written")
    return ring


def _reader(keys: Mapping[str, Secret]) -> Callable[[str], str | None]:
    return lambda name: keys[name].reveal() if name in keys else None


def _key_bindings(bindings: Iterable[Statement], name: str) -> Iterator[Statement]:
    found: dict[str, Statement] = {}
    for binding in bindings:
        if binding.name in (KEYS, KEY) and binding.value is not None:
            found[binding.name] = binding  # of two with one name the last wins
    for binding in found.values():
        if not (binding.value or "").strip():
            raise EmptyKey(f"{name}:{binding.line}: {binding.name} is empty")
        yield binding


def _with_key(text: str, made: Secret, old: dict[str, Secret], name: str) -> str:
    spans = {b.name: b.value_span for b in _key_bindings(parse(text), name)}
    if span := spans.get(KEYS):
        value = f"{made.reveal()},{old[KEYS].reveal()}"
        return text[: span[0]] + value + text[span[1] :]
    behind = f",{old[KEY].reveal()}" if KEY in old else ""
    gap = "" if not text or text.endswith("\n") else "\n"
    return f"{text}{gap}{KEYS}={made.reveal()}{behind}\n"
