"""Texts in a format of their own: decimals, UUIDs, base64, IP addresses and regular expressions.

Their modules are imported by programs that have such fields only.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from confkit.layers import Entry
from confkit.resolution.scalars import MOST_DIGITS, Coercer, Refused, decrypted, unfit
from confkit.secret import Secret, SecretBytes

if TYPE_CHECKING:
    from decimal import Decimal


def _decimal(entry: Entry) -> Decimal:
    from decimal import Decimal, InvalidOperation

    raw = entry.raw
    if isinstance(raw, Decimal) and raw.is_finite():
        return raw
    if type(raw) is int:
        return Decimal(raw)
    if type(raw) is float and math.isfinite(raw):
        return Decimal(repr(raw))
    if isinstance(raw, str) and len(raw) <= MOST_DIGITS:
        try:
            number = Decimal(raw.strip())
        except InvalidOperation:
            number = Decimal("NaN")
        if number.is_finite():
            return number
    raise unfit(raw, "a decimal number")


def _bytes(entry: Entry) -> bytes:
    import base64

    raw = entry.raw
    # The bytes of a secret's file are base64 as well, or some would be taken for it.
    if isinstance(raw, bytes) and entry.origin.kind != "file":
        return raw
    if isinstance(raw, str):
        text = "".join(raw.split()).replace("-", "+").replace("_", "/")
        try:
            return base64.b64decode(text, validate=True)
        except ValueError:
            pass
    raise unfit(raw, "base64")


def _secret_bytes(entry: Entry) -> SecretBytes:
    raw = entry.raw
    made = raw if isinstance(raw, SecretBytes) else SecretBytes(_bytes(entry))
    decrypted(Secret(made.reveal()[:200].decode("latin-1")))
    return made


def _pattern(entry: Entry) -> re.Pattern[str]:
    raw = entry.raw
    if isinstance(raw, re.Pattern):
        return raw
    if isinstance(raw, str):
        try:
            return re.compile(raw)
        except (re.error, OverflowError, RecursionError):
            pass
    raise unfit(raw, "a regular expression")


def _parsed(kind: Any, what: str) -> Coercer:
    """A type whose constructor parses text, and raises ValueError for what it cannot."""

    def read(entry: Entry) -> Any:
        raw = entry.raw
        if type(raw) is kind:
            return raw
        if isinstance(raw, str):
            try:
                return kind(raw.strip())
            except ValueError as error:
                if "host bits" in str(error):
                    raise Refused("has host bits set, and a network is expected") from None
        raise unfit(raw, what)

    return read


def formatted(kind: Any) -> Coercer | None:
    """The reader of one of these types; None for all others."""
    if kind is bytes:
        return _bytes
    if kind is SecretBytes:
        return _secret_bytes
    if kind is re.Pattern:
        return _pattern
    module, name = kind.__module__, kind.__qualname__
    if (module, name) == ("decimal", "Decimal"):
        return _decimal
    if (module, name) == ("uuid", "UUID"):
        return _parsed(kind, "a UUID")
    if module == "ipaddress":
        what = {"Address": "address", "Network": "network", "Interface": "address with a network"}
        return _parsed(kind, f"an {name[:4]} {what[name[4:]]}")
    return None
