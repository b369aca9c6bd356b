"""Flags that use every part of a rule, over columns that go wrong in some engine."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from confkit.flags.rules.evaluation import Compiled
from confkit.flags.rules.model import Rule
from tests.analysis.texts import FIXED, awkward

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
LISTED = [text for text in FIXED if text and "\0" not in text]

DOCUMENTS: dict[str, dict[str, Any]] = {
    "plain": {"percentage": 20},
    "all": {},
    "nobody": {"percentage": 0},
    "everybody": {"percentage": 100},
    "off": {"enabled": False, "percentage": 50},
    "fine": {"percentage": 33.333, "variants": {"a": 20, "b": 30.5, "c": 49.5}},
    "listed": {"allow": LISTED[:20], "deny": LISTED[15:], "percentage": 10},
    "only-listed": {"allow": LISTED},
    "empty-list": {"allow": []},
    "legacy": {"percentage": 30, "scheme": "legacy-md5-100"},
    "countries": {
        "percentage": 60,
        "conditions": [{"attribute": "country", "in": ["DE", "d'or", "x\"y", "ÄT", "100%", "AT "]}],
    },
    "not-countries": {"conditions": [{"attribute": "country", "not_in": ["DE", "ÄT"]}]},
    "affixes": {
        "conditions": [
            {"attribute": "mail", "suffix": ["@corp.com", "é.org"]},
            {"attribute": "mail", "prefix": "a_"},
        ],
        "variants": {"x": 100},
    },
    "numbers": {"conditions": [{"attribute": "age", "min": 18, "below": 65.5}], "percentage": 80},
    "integers": {"conditions": [{"attribute": "age", "in": [17, "18", 70]}]},
    "needs": {"prerequisites": {"fine": True, "listed": False}, "percentage": 70},
    "needs-variant": {"prerequisites": {"fine": "b"}},
    "scheduled": {
        "schedule": [
            {"at": "2026-11-01T00:00:00Z", "percentage": 40},
            {"at": "2027-01-01T00:00:00Z", "percentage": 90},
        ],
    },
}  # fmt: skip
RULES = {name: Rule.from_document(name, {"enabled": True, **d}) for name, d in DOCUMENTS.items()}
TABLE = {name: Compiled(rule, clock=AT.timestamp) for name, rule in RULES.items()}

COUNTRIES = ("DE", "de", "DE ", "d'or", 'x"y', "ÄT", "Ät", "AT", "AT ", "100%", "", None)
MAILS = (
    "a_b@corp.com",
    "a_@corp.com",
    "aXb@corp.com",
    "a_é.org",
    "A_b@corp.com",
    "@corp.com",
    None,
)
AGES = (17, 18, 65, 66, 70, -1, 0, None)

Row = tuple[int, str | None, str | None, str | None, int | None]


def rows(count: int) -> Iterator[Row]:
    """Number, id, country, mail and age of ``count`` units; every 97th has no id."""
    for n, unit in enumerate(awkward(count)):
        unit_ = None if n % 97 == 5 else unit
        yield n, unit_, COUNTRIES[n % 12], MAILS[n % 7], AGES[n // 7 % 8]


def context(row: Row) -> dict[str, Any]:
    _, unit, country, mail, age = row
    return {"user_id": unit, "country": country, "mail": mail, "age": age}


def expected(name: str, row: Row) -> tuple[bool, str | None] | None:
    """Whether the flag is on, and its variant; None for a unit without an id."""
    if row[1] is None:
        return None
    decision = TABLE[name].decide(context(row), TABLE)
    return decision.value, decision.variant
