"""What a flag is: its declaration in code, and its rule in a store.

Plain frozen data. What a rule means is ``evaluation``'s business, where it lives a store's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import Enum
from typing import Any, Literal, NamedTuple, TypedDict

from confkit.errors import InvalidFlag, Problem
from confkit.flags.rules.conditions import Condition
from confkit.flags.rules.literals import NAME, Document, day, instant, number
from confkit.flags.rules.rollout import Rollout, Scheme, Variant
from confkit.flags.rules.values import VariantValue, own

OnStale = Literal["keep", "default"]


@dataclass(frozen=True, slots=True)
class Flag:
    """A flag declared in code.

    :ivar name: its name in the store: letters, digits, ``_``, ``.`` and ``-``.
    :ivar default: the answer while no store knows it.
    :ivar description: what it switches on.
    :ivar owner: who is responsible for it.
    :ivar expires: the day from which it is listed as unused.
    :ivar max_stale: seconds of silence of the store after which ``on_stale`` counts for this flag;
        None: what the client does.
    :ivar on_stale: then ``"keep"`` the last good answer or answer the ``"default"``; None: what the
        client does.
    :ivar public: whether browsers may ask for it with a public token: its answers are no secret.
    :raises confkit.InvalidFlag: when the name cannot be one.

    >>> str(Flag("new-checkout", default=True, owner="payments"))
    'new-checkout'
    """

    name: str
    default: bool = False
    description: str = ""
    owner: str = ""
    expires: date | None = None
    max_stale: float | None = None
    on_stale: OnStale | None = None
    public: bool = False

    def __post_init__(self) -> None:
        check_name(self.name)
        if self.on_stale not in (None, "keep", "default"):
            raise InvalidFlag(self.name, [Problem("on_stale", "must be 'keep' or 'default'")])

    def __str__(self) -> str:
        return self.name

    def _repr_html_(self) -> str:
        from confkit.flags.rules.display import flag_html  # for notebooks only

        return flag_html(self)


def check_name(name: object) -> str:
    """The name itself.

    :raises confkit.InvalidFlag: when it is no text, too long or holds other characters.
    """
    if not isinstance(name, str) or NAME.match(name) is None:
        shown = name if isinstance(name, str) else f"{name!r}"
        raise InvalidFlag(
            shown[:140],
            [
                Problem(
                    "name",
                    "must be 1 to 128 letters, digits, '.', '_' or '-', "
                    "and start with a letter or a digit",
                )
            ],
        )
    return str(name)


def name_of(flag: object) -> str:
    """The name that a declaration, an enum member or a text stands for; never raises."""
    if isinstance(flag, Flag):
        return flag.name
    if isinstance(flag, Enum):
        return name_of(flag.value)
    return str.__str__(flag) if isinstance(flag, str) else f"<{type(flag).__name__}>"


def declared(*sources: object) -> Iterator[Flag]:
    """The declarations in flags, names, enums, classes and iterables of them."""
    for source in sources:
        if isinstance(source, Flag):
            yield source
        elif isinstance(source, str) and not isinstance(source, Enum):
            yield Flag(source)
        elif isinstance(source, Enum):
            yield from declared(source.value)
        elif isinstance(source, type) and not issubclass(source, Enum):
            yield from (
                v for k in reversed(source.__mro__) for v in vars(k).values() if type(v) is Flag
            )
        else:
            # A plain string would be walked letter by letter; it is caught above.
            yield from (flag for item in source for flag in declared(item))  # type: ignore[attr-defined]


class Step(NamedTuple):
    """From ``at`` on (an aware time), the rollout stands at ``percentage``."""

    at: datetime
    percentage: float


class Prerequisite(NamedTuple):
    """Another flag that must be on (True), off (False) or at a variant (its name)."""

    name: str
    value: bool | str


class RuleFields(TypedDict, total=False):
    """The fields of a :class:`Rule` by name, as ``Flags.set`` takes them; None takes a field away.

    ``allow`` and ``deny`` are ids, ``variants`` shares by name, ``prerequisites`` names of flags or
    a mapping from name to True or a variant, ``schedule`` mappings with ``at`` and ``percentage``.
    """

    enabled: bool
    deny: Sequence[str | int] | None
    allow: Sequence[str | int] | None
    percentage: float | None
    salt: str | None
    unit: str | None
    variants: Mapping[str, float] | None
    values: Mapping[str, Any] | None
    off_variant: str | None
    conditions: Sequence[Mapping[str, Any]] | None
    prerequisites: Mapping[str, bool | str] | Sequence[str] | None
    schedule: Sequence[Mapping[str, Any]] | None
    owner: str | None
    description: str | None
    expires: date | str | None
    scheme: Scheme | None


@dataclass(frozen=True, slots=True)
class Rule:
    """The rule of one flag: whom it is on for. Plain, frozen data.

    In this order: ``deny`` decides, then ``allow``, ``prerequisites``, ``conditions``, and last
    ``percentage`` or ``schedule``. Without any of them an enabled flag is on for everybody.

    :ivar name: the name of the flag.
    :ivar enabled: False switches the flag off for everybody, whatever the rest is.
    :ivar deny: the ids it is never on for.
    :ivar allow: the ids it is always on for; None is no list. With a list, even an empty one, and
        neither ``percentage`` nor ``schedule``, it is on for those listed and for nobody else.
    :ivar percentage: the share of all units it is on for, 0 to 100 in steps of 0.001; None
        is no rollout.
    :ivar salt: the text that is hashed with the id, so that flags are independent of each other;
        empty: the name of the flag.
    :ivar unit: the attribute that is hashed; ``user_id`` by default.
    :ivar variants: names and their shares in per cent of those it is on for, 100 in all.
    :ivar values: what each variant gives: text, numbers or objects of JSON, all of one kind.
    :ivar off_variant: whose value the flag gives where it is off; it needs no share.
    :ivar conditions: tests of attributes, all of which must hold.
    :ivar prerequisites: other flags that must be on, or have one of their variants.
    :ivar schedule: percentages that count from a time on, earliest first.
    :ivar owner: who is responsible for it.
    :ivar description: what it switches on.
    :ivar expires: the day from which it is listed as unused.
    :ivar scheme: how ids become buckets; ``md5-32`` unless it was brought over from another system.

    >>> Rule.from_document("new-checkout", {"enabled": True, "percentage": 25}).percentage
    25
    """

    name: str
    enabled: bool
    deny: tuple[str, ...] = ()
    allow: tuple[str, ...] | None = None
    percentage: float | None = None
    salt: str = ""
    unit: str = "user_id"
    variants: tuple[Variant, ...] = ()
    values: tuple[VariantValue, ...] = ()
    off_variant: str = ""
    conditions: tuple[Condition, ...] = ()
    prerequisites: tuple[Prerequisite, ...] = ()
    schedule: tuple[Step, ...] = ()
    owner: str = ""
    description: str = ""
    expires: date | None = None
    scheme: Scheme = "md5-32"

    @classmethod
    def from_document(cls, name: str, document: Document) -> Rule:
        """The rule that a document describes.

        :raises confkit.InvalidFlag: with every problem of the name and the document.
        """
        from confkit.flags.rules.validation import (
            problems,  # Cerberus is imported when it is needed
        )

        check_name(name)
        if found := problems(name, document):
            raise InvalidFlag(name, found)
        return cls(
            name=name,
            enabled=document["enabled"],
            deny=tuple(map(str, document.get("deny", ()))),
            allow=tuple(map(str, document["allow"])) if "allow" in document else None,
            percentage=document.get("percentage"),
            salt=document.get("salt", ""),
            unit=document.get("unit", "user_id"),
            variants=tuple(Variant(*item) for item in sorted(document.get("variants", {}).items())),
            values=tuple(
                VariantValue(key, own(value))
                for key, value in sorted(document.get("values", {}).items())
            ),
            off_variant=document.get("off_variant", ""),
            conditions=tuple(map(Condition.from_document, document.get("conditions", ()))),
            prerequisites=_prerequisites(document.get("prerequisites", {})),
            schedule=tuple(
                Step(instant(step["at"]), step["percentage"])
                for step in document.get("schedule", ())
            ),
            owner=document.get("owner", ""),
            description=document.get("description", ""),
            expires=day(document["expires"]) if "expires" in document else None,
            scheme=document.get("scheme", "md5-32"),
        )

    def as_document(self) -> dict[str, Any]:
        """The rule as plain JSON values, without the fields that stand at their defaults."""
        document: dict[str, Any] = {"enabled": self.enabled}
        for field in fields(self)[2:]:
            value = getattr(self, field.name)
            if value != field.default:
                document[field.name] = _PLAIN.get(field.name, _same)(value)
        return document

    @property
    def rollout(self) -> Rollout | None:
        """The rollout as it stands without a clock; None where no percentage is set."""
        if self.percentage is None:
            return None
        return Rollout(self.percentage, self.salt or self.name, self.unit, self.scheme)


def _prerequisites(value: Any) -> tuple[Prerequisite, ...]:
    pairs = value.items() if isinstance(value, Mapping) else ((name, True) for name in value)
    return tuple(Prerequisite(*pair) for pair in pairs)


def _same(value: Any) -> Any:
    return value


_PLAIN: dict[str, Any] = {
    "deny": list,
    "allow": list,
    "percentage": number,
    "variants": lambda variants: {name: number(weight) for name, weight in variants},
    "values": lambda values: {name: own(value) for name, value in values},
    "conditions": lambda conditions: [c.as_document() for c in conditions],
    "prerequisites": dict,
    "schedule": lambda steps: [
        {"at": step.at.isoformat(), "percentage": number(step.percentage)} for step in steps
    ],
    "expires": date.isoformat,
}
