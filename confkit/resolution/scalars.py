"""A raw value becomes a number, a text, a path or a secret, or a :class:`Refused` tells why not.

Strictly, and the same for every text source. No message here ever quotes the value: it may be a
secret.
"""

from __future__ import annotations

import math
import re
import sys
import types
from collections.abc import Callable
from enum import Enum
from functools import lru_cache
from pathlib import PurePath
from typing import Any, NamedTuple

from confkit.encrypted import meant
from confkit.layers import Entry
from confkit.resolution.woven import plain
from confkit.secret import Secret

Coercer = Callable[[Entry], Any]


class Fault(NamedTuple):
    """One thing that is wrong with a value, at ``path`` inside it, where ``entry`` is.

    ``code`` is ``type``, or the name of the rule that is broken.
    """

    why: str
    path: tuple[str | int, ...] = ()
    entry: Entry | None = None
    code: str = "type"
    hint: str = ""


@lru_cache(maxsize=256)
def _fault(why: str) -> Fault:
    return Fault(why)


class Refused(ValueError):
    """The value does not fit, for one reason or several."""

    __slots__ = ("faults",)

    def __init__(self, first: str | Fault, *more: Fault) -> None:
        # Thousands of values may be wrong in one way.
        self.faults = (_fault(first) if isinstance(first, str) else first, *more)

    def __str__(self) -> str:
        return "; ".join(fault.why for fault in self.faults)

    @property
    def why(self) -> str:
        """The first reason."""
        return self.faults[0].why


TRUE = frozenset({"true", "1", "yes", "on"})
FALSE = frozenset({"false", "0", "no", "off"})
_INT = re.compile(r"[+-]?[0-9]+(?:_[0-9]+)*\Z")
_FLOAT = re.compile(r"[+-]?(?:[0-9]+(?:_[0-9]+)*\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\Z")
_MOST_FLOAT = int(sys.float_info.max)
#: Longer digit strings are no settings, and turning them into numbers takes quadratic time.
MOST_DIGITS = 400


def number(text: str) -> float | None:
    """The finite number that a text is, else None."""
    if len(text) <= MOST_DIGITS and _FLOAT.match(text) and math.isfinite(float(text)):
        return float(text)
    return None


def unfit(raw: object, what: str) -> Refused:
    if raw is None:
        return Refused(f"is null, and {what} is expected")
    if raw == "":
        return Refused(f"is empty, and {what} is expected")
    if isinstance(raw, list | dict):
        shape = "a list" if isinstance(raw, list) else "a mapping"
        return Refused(f"is {shape}, and {what} is expected")
    return Refused(f"is not {what}")


def text(entry: Entry) -> str:
    raw = entry.raw
    if type(raw) is str:
        return raw
    if isinstance(raw, str) and not isinstance(raw, Enum):
        return str(raw)
    if isinstance(raw, bool | int | float):
        raise Refused("is a number or a boolean, and text is expected: put it in quotes")
    raise unfit(raw, 'text (write "" for an empty one)' if raw is None else "text")


def boolean(entry: Entry) -> bool:
    raw = entry.raw
    if isinstance(raw, bool):
        return raw
    if type(raw) is int and raw in (0, 1):
        return raw == 1  # as 1 and 0 are read from text
    if isinstance(raw, str):
        text = raw.strip().lower()
        if text in TRUE:
            return True
        if text in FALSE:
            return False
    raise unfit(raw, "a boolean (true, false, yes, no, on, off, 1, 0)")


def _int(entry: Entry) -> int:
    raw = entry.raw
    if type(raw) is int:
        return raw
    if isinstance(raw, str):
        text = raw.strip()
        if len(text) <= MOST_DIGITS and _INT.match(text):
            return int(text)
    raise unfit(raw, "an integer")


def _float(entry: Entry) -> float:
    raw = entry.raw
    if type(raw) is float and math.isfinite(raw):
        return raw
    if type(raw) is int and abs(raw) <= _MOST_FLOAT:
        return float(raw)
    if isinstance(raw, str):
        value = number(raw.strip())
        if value is not None:
            return value
    raise unfit(raw, "a finite number")


def decrypted(held: Secret) -> None:
    """Refuse what is meant to be encrypted, and what nothing decrypted until now."""
    if meant(held.reveal()):
        raise Refused(
            Fault(
                "is marked as encrypted (enc:), and holds no token that can be decrypted here",
                code="broken-token",
                hint="write enc: and a whole token (`confkit secrets encrypt` makes one) in a "
                "file or variable; in code, pass what it stands for",
            )
        )


def sensitive_text(entry: Entry) -> str:
    """A text that is masked as secrets are, in a field of type ``str``."""
    made = Secret(text(entry))
    decrypted(made)
    return made.reveal()


def _secret(entry: Entry) -> Secret:
    raw = entry.raw
    if isinstance(raw, Secret):
        decrypted(raw)
        return raw
    if isinstance(raw, str):
        made = Secret(str(raw))
        decrypted(made)
        return made
    if raw is None:
        raise Refused("is null, and a secret is expected")
    raise Refused("is not text: put the secret in quotes")


def path(kind: type[PurePath], *, relative: bool = False) -> Coercer:
    """Paths of one class; ``relative`` ones are in the directory of the file that names them."""

    def read(entry: Entry) -> PurePath:
        raw = entry.raw
        if isinstance(raw, kind):
            value = raw
        elif isinstance(raw, str) and raw and "\0" not in raw:
            value = kind(raw)
        else:
            raise unfit(raw, "a path")
        if relative and entry.base is not None:
            return kind(entry.base) / value  # an absolute path stays as it is
        return value

    return read


def nothing(entry: Entry) -> None:
    raw = entry.raw
    if raw is None or (isinstance(raw, str) and raw.strip().lower() in ("", "null", "none", "~")):
        return
    raise Refused("is not null")


_CORE_INT = re.compile(r"[-+]?[0-9]+\Z")


def anything(entry: Entry) -> Any:
    """Any value: quoted text stays text, bare text is read by the YAML 1.2 core schema."""
    raw = entry.raw
    if isinstance(raw, list):
        return [anything(item) if isinstance(item, Entry) else item for item in raw]
    if isinstance(raw, dict):
        return {k: anything(v) if isinstance(v, Entry) else v for k, v in raw.items()}
    if not isinstance(raw, str):
        return raw
    raw = plain(raw)
    if entry.quote:
        return raw
    if raw in ("true", "True", "TRUE"):
        return True
    if raw in ("false", "False", "FALSE"):
        return False
    if _CORE_INT.match(raw) and len(raw) <= MOST_DIGITS:
        return int(raw)
    if "_" not in raw and (value := number(raw)) is not None:
        return value
    return raw


SCALARS: dict[Any, Coercer] = {
    str: text,
    bool: boolean,
    int: _int,
    float: _float,
    Secret: _secret,
    types.NoneType: nothing,
}
