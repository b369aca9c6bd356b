"""Whether a document is a rule: every problem at once, by Cerberus."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

from confkit.bucket import steps, unit_text
from confkit.cerberus_rules import flag_validator
from confkit.errors import Problem
from confkit.flags.rules.conditions import OPERATORS, comparable, comparators
from confkit.flags.rules.literals import NAME, SALT, day, instant
from confkit.flags.rules.values import KINDS, kind_of, value_fault
from confkit.near import did_you_mean

Report = Callable[[str, str], None]
#: What a document may hold of one kind of thing, so that a wrong one cannot fill a process.
MAX_IDS = 100_000
MAX_ITEMS = 1_000

#: How many values of fields are remembered as right.
RIGHT = 10_000

_local = threading.local()
_SHORT = (bool, int, float, str)
_right: set[tuple[object, type, object]] = set()


def problems(name: str, document: Any) -> tuple[Problem, ...]:
    """Everything that is wrong with a document, in the order of its fields."""
    if not isinstance(document, Mapping):
        return (Problem("", "a rule must be a mapping", code="type"),)
    if not _is_right(document):
        validator = _validator()
        # Not normalised: nothing is coerced, and copying takes twenty times as long as checking.
        if not validator.validate(dict(document), normalize=False):
            return tuple(_problems(validator))
    return tuple(_across(name, document))


def _is_right(document: Mapping[str, Any]) -> bool:
    """Whether every field of a document is right by itself; each short value is checked once.

    Thousands of flags have the same few values, and Cerberus takes its time.
    """
    if "enabled" not in document:
        return False
    # By class as well: True and 1 are equal, and only one of them is a percentage.
    fresh = {
        field: value
        for field, value in document.items()
        if not _is_short(value) or (field, value.__class__, value) not in _right
    }
    if not fresh:
        return True
    if not _validator().validate(fresh, update=True, normalize=False):
        return False
    if len(_right) < RIGHT:
        _right.update(
            (field, value.__class__, value) for field, value in fresh.items() if _is_short(value)
        )
    return True


def _is_short(value: object) -> bool:
    return value.__class__ in _SHORT and (not isinstance(value, str) or len(value) <= 100)


def _validator() -> Any:
    # One a thread, since a validator keeps its errors until the next document.
    made = getattr(_local, "validator", None)
    if made is None:
        made = _local.validator = flag_validator(_schema())
    return made


@cache
def _schema() -> dict[str, Any]:
    text = {"type": "string", "maxlength": 10_000, "check_with": _text}
    return {
        "enabled": {"type": "boolean", "required": True},
        "deny": {"type": "list", "maxlength": MAX_IDS, "check_with": _unit_ids},
        "allow": {"type": "list", "maxlength": MAX_IDS, "check_with": _unit_ids},
        "percentage": {"check_with": _percentage},
        "salt": {"check_with": _salt},
        "unit": {"type": "string", "minlength": 1, "maxlength": 128, "check_with": _text},
        "variants": {"type": "mapping", "check_with": _variants},
        "values": {"type": "mapping", "check_with": _values},
        "off_variant": {"type": "string", "check_with": _variant_name},
        "conditions": {"type": "list", "maxlength": MAX_ITEMS, "check_with": _conditions},
        "prerequisites": {"type": ["mapping", "list"], "check_with": _prerequisites},
        "schedule": {"type": "list", "maxlength": MAX_ITEMS, "check_with": _schedule},
        "owner": text,
        "description": text,
        "expires": {"check_with": _expires},
        "scheme": {"allowed": ["md5-32", "legacy-md5-100"]},
    }


_SAYS: dict[str, Callable[[Any], str]] = {
    "type": lambda c: {"boolean": "must be true or false", "string": "must be text"}.get(
        str(c), "must be a list" if c == "list" else "must be a mapping"
    ),
    "required": lambda _: "is required: true or false",
    "minlength": lambda _: "must not be empty",
    "maxlength": lambda c: f"must be at most {c} long",
    "allowed": lambda c: f"must be one of {', '.join(c)}",
    "nullable": lambda _: "must not be null: leave it out",
    "check_with": lambda _: "",
}


def _problems(validator: Any) -> Iterator[Problem]:
    known = _schema()
    order = list(known)
    errors = sorted(
        validator._errors,  # noqa: SLF001 - the public form is nested text, made for people
        key=lambda e: order.index(e.field) if e.field in order else len(order),
    )
    for error in errors:
        if error.rule is None and error.field not in known:
            yield Problem(
                str(error.field),
                "is no field of a rule",
                hint=did_you_mean(str(error.field), known),
            )
        elif error.rule in _SAYS and error.rule != "check_with":
            yield Problem(error.field, _SAYS[error.rule](error.constraint), code=error.rule)
        else:
            yield Problem(error.field, str(error.info[0]))


def _across(name: str, document: Mapping[str, Any]) -> Iterator[Problem]:
    """Problems between fields, each of which is right in itself."""
    open_share = document.get("percentage") is None and not document.get("schedule")
    if document.get("allow") is not None and document.get("conditions") and open_share:
        yield Problem(
            "conditions",
            "have no effect: with an allow-list and no percentage only the listed are on",
            hint="add percentage: 100",
        )
    if document.get("scheme") == "legacy-md5-100":
        if document.get("salt"):
            yield Problem("salt", "has no meaning in the scheme legacy-md5-100")
        shares = [step["percentage"] for step in document.get("schedule", ())]
        if any(p != int(p) for p in (*shares, document.get("percentage", 0))):
            yield Problem("percentage", "must be a whole number in the scheme legacy-md5-100")
    yield from _across_values(document)
    if name in document.get("prerequisites", ()):
        yield Problem("prerequisites", "the flag cannot be its own prerequisite")


def _across_values(document: Mapping[str, Any]) -> Iterator[Problem]:
    """Whether variants and values go together."""
    values, variants = document.get("values", {}), document.get("variants", {})
    off = document.get("off_variant")
    if off is not None and off not in values:
        hint = did_you_mean(off, values)
        yield Problem("off_variant", f"there is no value of {off}", hint=hint)
    if not values:
        return
    if lacking := sorted(set(variants) - set(values)):
        yield Problem("values", f"have none for the variant {lacking[0]}")
    for spare in sorted(set(values) - {*variants, off}):
        hint = did_you_mean(spare, variants)
        yield Problem("values", f"there is no variant {spare}", hint=hint)
    kinds = {kind_of(value): name for name, value in sorted(values.items())}
    if len(kinds) > 1:
        said = " and ".join(f"{name} is {KINDS[kind]}" for kind, name in kinds.items())
        yield Problem("values", f"must be of one kind: {said}")


def share_fault(value: Any) -> str:
    """Why a value is no percentage; empty if it is one."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "must be a number from 0 to 100, not " + type(value).__name__
    if not math.isfinite(value) or not 0 <= value <= 100:
        return "must be from 0 to 100"
    if abs(value * 1000 - steps(value)) > 1e-6:
        return "must be in steps of 0.001"
    return ""


def _text(field: str, value: Any, error: Report) -> None:
    # Files, streams and terminals take UTF-8 only.
    if unit_text(value) is None:
        error(field, "must be text that has a UTF-8 form")


def _percentage(field: str, value: Any, error: Report) -> None:
    if fault := share_fault(value):
        error(field, fault)


def _salt(field: str, value: Any, error: Report) -> None:
    if not isinstance(value, str) or SALT.match(value) is None:
        error(field, "must be 1 to 64 letters, digits, '_', '.' or '-'")


def _unit_ids(field: str, value: Any, error: Report) -> None:
    wrong = [unit for unit in value if unit_text(unit) is None]
    if wrong:
        kinds = ", ".join(sorted({type(unit).__name__ for unit in wrong}))
        error(field, f"must hold ids that are text or integers, not {kinds}")


def _variants(field: str, value: Any, error: Report) -> None:
    if len(value) > MAX_ITEMS:
        return error(field, f"must be at most {MAX_ITEMS}")
    total = 0
    for name, weight in value.items():
        if not isinstance(name, str) or NAME.match(name) is None:
            error(field, f"{name!r:.60} cannot be a variant's name")
        elif fault := share_fault(weight):
            error(field, f"the weight of {name} {fault}")
        else:
            total += steps(weight)
            continue
        return None
    if total != 100_000:
        error(field, f"the weights sum to {total / 1000:g}, and must sum to 100")
    return None


def _variant_name(field: str, value: Any, error: Report) -> None:
    if NAME.match(value) is None:
        error(field, f"{value!r:.60} cannot be a variant's name")


def _values(field: str, value: Any, error: Report) -> None:
    if len(value) > MAX_ITEMS:
        return error(field, f"must be at most {MAX_ITEMS}")
    for name, one in value.items():
        if not isinstance(name, str) or NAME.match(name) is None:
            error(field, f"{name!r:.60} cannot be a variant's name")
        elif fault := value_fault(one):
            error(field, f"the value of {name} {fault}")
    return None


def _conditions(field: str, value: Any, error: Report) -> None:
    for number, condition in enumerate(value, 1):
        for fault in _condition_faults(condition):
            error(field, f"condition {number} {fault}")


def _condition_faults(condition: Any) -> Iterator[str]:
    if not isinstance(condition, Mapping):
        yield "must be a mapping"
        return
    attribute = condition.get("attribute")
    if not isinstance(attribute, str) or not attribute or unit_text(attribute) is None:
        yield "needs an attribute"
    tests = [key for key in condition if key != "attribute"]
    if not tests:
        yield f"needs a test: {', '.join(OPERATORS)}"
    for test in tests:
        if test not in OPERATORS:
            yield f"has no test {test!r}; there are {', '.join(OPERATORS)}"
        elif fault := _operand_fault(test, condition[test]):
            yield f"{test} {fault}"


def _operand_fault(test: str, operand: Any) -> str:
    if test in ("in", "not_in"):
        if not isinstance(operand, list | tuple) or not operand:
            return "needs a list of values"
        if any(comparable(item) is None or _unencodable(item) for item in operand):
            return "must hold text, numbers and booleans"
    elif test in ("prefix", "suffix"):
        texts = [operand] if isinstance(operand, str) else operand
        if not isinstance(texts, list | tuple) or not texts:
            return "needs a text or a list of texts"
        if not all(isinstance(item, str) and item and not _unencodable(item) for item in texts):
            return "must hold texts that are not empty"
    elif test == "semver":
        if comparators(operand) is None:
            return "needs a version range such as '>=2.3.0, <3'"
    elif isinstance(operand, bool) or not isinstance(operand, int | float):
        return "needs a number"
    elif isinstance(operand, float) and not math.isfinite(operand):
        return "needs a number"  # JSON has no other
    return ""


def _unencodable(item: Any) -> bool:
    return isinstance(item, str) and unit_text(item) is None


def _prerequisites(field: str, value: Any, error: Report) -> None:
    if len(value) > MAX_ITEMS:
        return error(field, f"must be at most {MAX_ITEMS}")
    for name in value:
        if not isinstance(name, str) or NAME.match(name) is None:
            return error(field, f"{name!r:.60} cannot be a flag's name")
    if isinstance(value, Mapping):
        for name, state in value.items():
            if not isinstance(state, bool | str):
                return error(field, f"{name} must be true, false or the name of a variant")
    return None


def _schedule(field: str, value: Any, error: Report) -> None:
    before = None
    for number, step in enumerate(value, 1):
        if not isinstance(step, Mapping) or set(step) != {"at", "percentage"}:
            error(field, f"step {number} needs 'at' and 'percentage', and nothing else")
            continue
        if fault := share_fault(step["percentage"]):
            error(field, f"step {number}: the percentage {fault}")
        try:
            moment = instant(step["at"])
        except (ValueError, TypeError):
            error(field, f"step {number}: 'at' must be a time as in 2026-01-31T08:00:00Z")
            continue
        if before is not None and moment <= before:
            error(field, f"step {number} must be later than the one before it")
        before = moment


def _expires(field: str, value: Any, error: Report) -> None:
    try:
        day(value)
    except (ValueError, TypeError):
        error(field, "must be a date as in 2026-12-31")
