"""What the attributes of a question must be: pure predicates, each true or false, none raising.

A condition names one attribute and one or more tests, all of which must hold. An attribute that
is missing or of a kind the test cannot read fails it, ``not_in`` included: what is not known is no
reason to switch on. A list, tuple or set of values passes if one of them does (``not_in``: if none
is listed).
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Test = Callable[[Any], bool]

#: Semantic Versioning 2.0, of which minor and patch may be left out: 2 is 2.0.0.
_SEMVER = re.compile(
    r"v?(0|[1-9]\d*)(?:\.(0|[1-9]\d*))?(?:\.(0|[1-9]\d*))?"
    r"(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z.-]+)?\Z",
    re.ASCII,
)
_NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?\Z")
_COMPARATOR = re.compile(r"(>=|<=|>|<|==?|)\s*(\S+)\Z")
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
    "==": operator.eq,
    "": operator.eq,
}


@dataclass(frozen=True, slots=True)
class Condition:
    """One attribute and its tests, by operator, as they stand in the document."""

    attribute: str
    tests: tuple[tuple[str, Any], ...]

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Condition:
        """The condition that a validated document describes."""
        return cls(
            document["attribute"],
            tuple(
                (name, tuple(value) if isinstance(value, list | tuple) else value)
                for name, value in document.items()
                if name != "attribute"
            ),
        )

    def as_document(self) -> dict[str, Any]:
        """The condition as plain JSON values."""
        return {"attribute": self.attribute} | {
            name: list(value) if isinstance(value, tuple) else value for name, value in self.tests
        }

    def compiled(self) -> tuple[str, Test]:
        """The attribute, and one function that applies every test to its value."""
        tests = [OPERATORS[name](value) for name, value in self.tests]

        def holds(value: Any) -> bool:
            return all(test(value) for test in tests)

        return self.attribute, holds

    def __str__(self) -> str:
        said = " and ".join(
            f"{name.replace('_', ' ')} {', '.join(map(str, v)) if isinstance(v, tuple) else v}"
            for name, v in self.tests
        )
        return f"{self.attribute} {said}"


def comparable(value: Any) -> str | None:
    """A value as ``in`` compares it: numbers in plain decimals equal their text; else None."""
    if isinstance(value, bool):
        # Not the text "true": a text attribute of that name is somebody's data.
        return "\0true" if value else "\0false"
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return f"{int(value):d}" if -(10**300) < value < 10**300 else None
    if isinstance(value, float) and math.isfinite(value):
        return f"{int(value):d}" if value == int(value) else repr(float(value))
    return None


def _values(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, list | tuple | set | frozenset) else (value,)


def _in(listed: Any) -> Test:
    wanted = frozenset(map(comparable, listed))
    return lambda value: any(
        text is not None and text in wanted for text in map(comparable, _values(value))
    )


def _not_in(listed: Any) -> Test:
    refused = frozenset(map(comparable, listed))

    def test(value: Any) -> bool:
        texts = tuple(map(comparable, _values(value)))
        return None not in texts and refused.isdisjoint(texts)

    return test


def _affix(method: Callable[..., bool]) -> Callable[[Any], Test]:
    def make(affixes: Any) -> Test:
        wanted = (affixes,) if isinstance(affixes, str) else tuple(affixes)
        return lambda value: any(isinstance(v, str) and method(v, wanted) for v in _values(value))

    return make


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        # Not float(): it reads "inf", "1_000" and the digits of every script.
        return float(value) if _NUMBER.match(value) else None
    return value if isinstance(value, int | float) and value == value else None


def _bound(compare: Callable[[Any, Any], bool]) -> Callable[[Any], Test]:
    def make(bound: Any) -> Test:
        return lambda value: any(
            number is not None and compare(number, bound) for number in map(_number, _values(value))
        )

    return make


Version = tuple[int, int, int, tuple[Any, ...]]


def semver(text: Any) -> Version | None:
    """A semantic version as a tuple that sorts by its precedence; None when it is none."""
    match = _SEMVER.match(text) if isinstance(text, str) and len(text) <= 256 else None
    if match is None:
        return None
    major, minor, patch, pre = match.groups()
    # A release sorts after its pre-releases; numbers before words, fewer parts before more.
    parts: tuple[Any, ...] = ((2,),)
    if pre is not None:
        if any(part.isdigit() and part != "0" and part[0] == "0" for part in pre.split(".")):
            return None
        parts = tuple(
            (0, int(part), "") if part.isdigit() else (1, 0, part) for part in pre.split(".")
        )
    return (int(major), int(minor or 0), int(patch or 0), parts)


def comparators(text: Any) -> list[tuple[Callable[[Any, Any], bool], Version]] | None:
    """The parts of a version range such as ``>=2.3.0, <3``; None when it is none."""
    if not isinstance(text, str):
        return None
    found = []
    for part in re.sub(r"([<>=])\s+", r"\1", text.replace(",", " ")).split():
        match = _COMPARATOR.match(part)
        version = semver(match[2]) if match else None
        if match is None or version is None:
            return None
        found.append((_COMPARE[match[1]], version))
    return found or None


def _semver(range_: Any) -> Test:
    parts = comparators(range_) or []

    def test(value: Any) -> bool:
        versions = [semver(v) for v in _values(value)]
        return any(
            version is not None and all(compare(version, bound) for compare, bound in parts)
            for version in versions
        )

    return test


#: What a condition may test: operator -> from its operand to the test.
OPERATORS: dict[str, Callable[[Any], Test]] = {
    "in": _in,
    "not_in": _not_in,
    "prefix": _affix(str.startswith),
    "suffix": _affix(str.endswith),
    "min": _bound(operator.ge),
    "max": _bound(operator.le),
    "above": _bound(operator.gt),
    "below": _bound(operator.lt),
    "semver": _semver,
}
