"""Who a rollout takes in, and which variant they get: pure functions of a rollout and a unit id."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

from confkit.bucket import bucket_of, bytes_threshold, digest, legacy_bucket, legacy_digest, steps

Scheme = Literal["md5-32", "legacy-md5-100"]


class Rollout(NamedTuple):
    """Who a percentage takes in.

    :ivar percentage: the share of all units, 0 to 100 in steps of 0.001.
    :ivar salt: the text that is hashed with the id.
    :ivar unit: the attribute whose value is the id.
    :ivar scheme: how ids become buckets: ``md5-32``, as ``confkit.bucket`` describes, or that of an
        older system, so that nobody changes sides when flags are brought over.
    """

    percentage: float
    salt: str
    unit: str = "user_id"
    scheme: Scheme = "md5-32"


class Variant(NamedTuple):
    """One variant of a flag and its share in per cent of those for whom the flag is on."""

    name: str
    weight: float


def digest_and_bucket(rollout: Rollout, unit: str) -> tuple[bytes, int]:
    """The digest and the bucket of a unit id by the rollout's scheme."""
    if rollout.scheme == "legacy-md5-100":
        hashed = legacy_digest(unit)
        return hashed, legacy_bucket(hashed)
    hashed = digest(rollout.salt, unit)
    return hashed, bucket_of(hashed)


def within(rollout: Rollout, unit: str) -> bool:
    """Whether a unit id is in the rollout."""
    return digest_and_bucket(rollout, unit)[1] < steps(rollout.percentage)


def cuts(variants: Iterable[Variant]) -> tuple[tuple[bytes, str], ...]:
    """Where each variant ends, for :func:`variant_of`.

    By name and not by place: a store may hand the keys of an object back in any order.
    """
    found, total = [], 0
    for name, weight in sorted(variants):
        total += steps(weight)
        found.append((bytes_threshold(total / 1000), name))
    return tuple(found)


def variant_of(hashed: bytes, ends: Iterable[tuple[bytes, str]]) -> str | None:
    """The variant that a digest falls to."""
    word = hashed[4:]
    return next((name for end, name in ends if word < end), None)
