"""From a salt and a unit id to a bucket: pure, and the same in Python, data frames and SQL.

::

    payload = salt + ":" + unit id      UTF-8, as it stands: nothing trimmed, folded, normalised
    hex     = md5(payload)              32 lower-case digits
    h       = int(hex[0:8], 16)         decides whether the unit is in the rollout
    v       = int(hex[8:16], 16)        decides which variant: a ramp moves nobody between variants
    bucket  = (h * 100_000) >> 32       0 to 99,999; one bucket is 0.001 %

A unit is in at P per cent if its bucket is below ``steps(P)``, which is the same as ``h`` below
``threshold(P)`` and the same as ``hex`` sorting before ``text_threshold(P)``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import partial
from importlib import import_module
from numbers import Integral
from typing import Any
from uuid import UUID


def _own_md5() -> Callable[[bytes], Any]:
    """CPython's own md5 where it is there: half the time of OpenSSL's, and allowed under FIPS."""
    try:
        found: Callable[[bytes], Any] = import_module("_md5").md5
    except ImportError:
        return partial(hashlib.md5, usedforsecurity=False)
    return found


md5 = _own_md5()

BUCKETS = 100_000
#: Longer than any digest and nowhere smaller: every digest sorts before it.
_ALL = b"\xff" * 17


def unit_text(unit: object) -> str | None:
    """A unit id as it is hashed: text as it is, an integer in decimal digits; None for the rest.

    A UUID is its canonical text, and an integer of numpy an integer. A float (``42.0`` is what a
    data frame makes of 42), a bool, bytes, and text that has no UTF-8 form are refused: their text
    differs between systems, and so would the bucket.
    """
    if isinstance(unit, bool):
        return None
    if isinstance(unit, str):
        text = str.__str__(unit)
    elif isinstance(unit, UUID):
        text = str(unit)
    elif isinstance(unit, Integral):
        try:
            text = int.__repr__(int(unit))
        except ValueError:  # more digits than Python is willing to print
            return None
    else:
        return None
    try:
        text.encode()
    except UnicodeEncodeError:
        return None
    return text


def digest(salt: str, unit: str) -> bytes:
    """The md5 of a salt and a unit id."""
    hashed: bytes = md5(f"{salt}:{unit}".encode()).digest()
    return hashed


def steps(percentage: float) -> int:
    """A percentage in thousandths: 33.333 is 33,333."""
    return round(percentage * 1000)


def threshold(percentage: float) -> int:
    """The first ``h`` that is out; 2**32 at 100 %, above every ``h``."""
    return -(-(steps(percentage) << 32) // BUCKETS)


def text_threshold(percentage: float) -> str:
    """The first eight hexadecimal digits that are out; ``g`` at 100 %, after every digit."""
    bound = threshold(percentage)
    return f"{bound:08x}" if bound < 1 << 32 else "g"


def bytes_threshold(percentage: float) -> bytes:
    """The bytes that every digest of a unit that is in sorts before."""
    bound = threshold(percentage)
    return bound.to_bytes(4, "big") if bound < 1 << 32 else _ALL


def bucket(salt: str, unit: str) -> int:
    """The bucket of a unit id, 0 to 99,999."""
    return bucket_of(digest(salt, unit))


def bucket_of(hashed: bytes) -> int:
    """The bucket that a digest stands for."""
    return (int.from_bytes(hashed[:4], "big") * BUCKETS) >> 32


def legacy_digest(unit: str) -> bytes:
    """The digest of the scheme ``legacy-md5-100``: the id alone, without a salt."""
    hashed: bytes = md5(unit.encode()).digest()
    return hashed


def legacy_bucket(hashed: bytes) -> int:
    """``md5(id) % 100`` in thousandths of a per cent, to compare with :func:`steps`."""
    return int.from_bytes(hashed, "big") % 100 * 1000
