"""Flags as programs kept them before: one JSON text under ``feature_flag:<name>`` in Redis.

The rule was: off unless ``enabled``; with a user id and a ``user_whitelist`` on for those listed
and nobody else, whatever the percentage; with a user id and a ``percentage_rollout`` on where
``md5(user id) % 100`` is below it; else on. What it really answered is kept, for whoever has a
user id, and where that may surprise a note says so.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from confkit.errors import InvalidFlag
from confkit.flags.rules.literals import Document
from confkit.flags.rules.model import check_name

if TYPE_CHECKING:
    from confkit.flags.redis.connection import Steps
    from confkit.flags.redis.store import RedisStore

PREFIX = "feature_flag:"
#: How many keys are looked through, and how many are fetched, at a time.
BATCH = 500


@dataclass(frozen=True, slots=True)
class LegacyFlag:
    """One flag that was found: its rule now, and what should be known about it.

    ``document`` is None where the old one cannot be read; ``notes`` say why.
    """

    name: str
    document: Document | None
    notes: tuple[str, ...] = ()


def find(store: RedisStore, *, prefix: str = PREFIX, reshuffle: bool = False) -> list[LegacyFlag]:
    """Every old flag of the server that ``store`` is on, by name; nothing is changed.

    :param reshuffle: give each percentage users of its own, instead of keeping who is in.
    :raises confkit.StoreError: when the server cannot be read.
    """
    found = store.run(_scan(prefix))
    return [translate(name, found[name], reshuffle=reshuffle) for name in sorted(found)]


def _scan(prefix: str) -> Steps[dict[str, bytes]]:
    pattern = "".join(f"\\{c}" if c in "*?[]\\" else c for c in prefix) + "*"
    found: dict[str, bytes] = {}
    cursor: Any = 0
    while True:
        [(cursor, keys)] = yield [("SCAN", cursor, "MATCH", pattern, "COUNT", BATCH)]
        if keys:
            [values] = yield [("MGET", *keys)]
            for key, value in zip(keys, values, strict=True):
                if value is not None:  # expired meanwhile, or no text
                    found[key.decode(errors="replace").removeprefix(prefix)] = value
        if not int(cursor):
            return found


def translate(name: str, raw: bytes, *, reshuffle: bool = False) -> LegacyFlag:
    """One old flag as a rule of today."""
    try:
        check_name(name)
        old = json.loads(raw)
        enabled, listed, percentage = _fields(old)
    except (InvalidFlag, ValueError, RecursionError) as error:
        why = "is no JSON" if isinstance(error, json.JSONDecodeError) else str(error)
        return LegacyFlag(name, None, (why,))
    notes = list(_notes(listed, percentage, old)) if enabled else []
    document: dict[str, Any] = {"enabled": enabled}
    if listed:
        document["allow"] = listed
    elif percentage:
        document["percentage"] = min(100, max(0, math.ceil(percentage)))
        if not reshuffle:
            document["scheme"] = "legacy-md5-100"
    return LegacyFlag(name, document, tuple(notes))


def _fields(old: Any) -> tuple[bool, list[str], float]:
    """Whether it is enabled, who is listed, and the percentage, 0 where there is none."""
    if not isinstance(old, Mapping):
        raise ValueError("is no JSON object")  # noqa: TRY004 - a wrong document
    listed, percentage = old.get("user_whitelist") or [], old.get("percentage_rollout") or 0
    if not isinstance(listed, list) or not all(isinstance(unit, str) for unit in listed):
        raise ValueError("user_whitelist is no list of texts")
    if isinstance(percentage, bool) or not isinstance(percentage, int | float):
        raise ValueError("percentage_rollout is no number")  # noqa: TRY004 - a wrong document
    if not math.isfinite(percentage):
        raise ValueError("percentage_rollout is no number")
    return bool(old.get("enabled", False)), listed, percentage


def _notes(listed: list[str], percentage: float, old: Mapping[str, Any]) -> Iterator[str]:
    if listed and percentage:
        yield f"the whitelist came before percentage_rollout {percentage:g}, which is left out"
    if not listed and not percentage and old.get("percentage_rollout") is not None:
        yield "percentage_rollout 0 was on for everyone, and still is"
    if not listed and percentage != math.ceil(percentage):
        yield f"percentage_rollout {percentage:g} took in as many as {math.ceil(percentage)}"
    if listed or (percentage and math.ceil(percentage) < 100):
        yield "questions without a user id were answered on, and are answered off now"
