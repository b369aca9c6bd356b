"""Values as they may be shown: one line for people, or the same structure with masks in it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from enum import Enum
from typing import Any

from confkit.layers import printable
from confkit.redaction.known import known
from confkit.redaction.names import sensitive_name
from confkit.redaction.text import mask_text
from confkit.redaction.urls import passwords
from confkit.secret import MASK, Sealed

#: Deeper than this, and inside itself, a value is masked whole.
MAX_DEPTH = 50


def show(value: Any, *, secret: bool = False, name: str = "", public: bool = False) -> str:
    """A value as one line for people, masked where it or its name calls for it.

    Booleans, None and empty text are never masked by name alone. ``public`` overrules the name,
    and nothing else: a password in an address stays masked.
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    shown = _redacted(value, name, 0, (), secret=secret, public=public)
    return _line(shown, printable)


def _line(value: Any, text: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{printable(k)}: {_line(v, text)}' for k, v in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(_line(v, text) for v in value)}]"
    return str(text(str(value)))


def redact(value: Any, *, name: str = "") -> Any:
    """``value`` as plain JSON values, with everything secret in it replaced by ``***``.

    Names decide on the values of mappings and of dataclass fields, the look of a text on texts;
    secrets are masked always, in lists and nested mappings too. What is nested deeper than 50
    levels or contains itself is masked whole. ``name`` is that of the value itself, if it has one.

    ::

        redact({"user": "u", "password": "p"})  # {"user": "u", "password": "***"}
    """
    return _redacted(value, name, 0, (), secret=False, public=False)


def _redacted(
    value: Any,
    name: str,
    depth: int,
    around: tuple[int, ...],
    *,
    secret: bool,
    public: bool,
) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if secret or isinstance(value, Sealed) or (name and not public and sensitive_name(name)):
        return value if isinstance(value, str) and not value and not secret else MASK
    if isinstance(value, str):
        return mask_text(str(value))
    if isinstance(value, int | float):
        return value
    if isinstance(value, Enum):
        return _redacted(value.value, "", depth, around, secret=False, public=False)
    if depth >= MAX_DEPTH or id(value) in around:
        return MASK
    try:
        inside = _children(value)
        if inside is None:
            return mask_text(repr(value) if isinstance(value, bytes | bytearray) else str(value))
    except Exception:
        return MASK  # what cannot be looked into is not shown, and what it raises may quote it
    inner = (*around, id(value))
    if isinstance(inside, dict):
        return {
            mask_text(k): _redacted(v, k, depth + 1, inner, secret=False, public=False)
            for k, v in inside.items()
        }
    made = [_redacted(v, "", depth + 1, inner, secret=False, public=False) for v in inside]
    return sorted(made, key=str) if isinstance(value, AbstractSet) else made


def _children(value: Any) -> dict[str, Any] | list[Any] | None:
    """What a container holds: by name, or in order; None for what is no container."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: getattr(value, f.name, None) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): item for key, item in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return dict(zip(value._fields, value, strict=True))
    if isinstance(value, list | tuple | set | frozenset):
        return list(value)
    return None


def secrets_in(value: Any, depth: int = 0) -> Iterator[str | bytes]:
    """The text of every secret inside a value, and a text that is the value itself."""
    if isinstance(value, Sealed):
        yield value.reveal()
    elif isinstance(value, str | bytes):
        if not depth:
            yield value
    elif depth < MAX_DEPTH and (inside := _children(value)) is not None:
        for item in inside.values() if isinstance(inside, dict) else inside:
            yield from secrets_in(item, depth + 1)


def remember(value: Any) -> None:
    """Mask a secret in every text from now on: a text, bytes, or all secrets in a container.

    Of an address, its password is masked by itself, too.
    """
    for secret in secrets_in(value):
        known.add(secret)
        if isinstance(secret, str) and "://" in secret:
            for password in passwords(secret):
                known.add(password)
