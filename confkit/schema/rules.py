"""The rules of ``Check`` against the types they are on: names and operands, when a class is read.

Rules about what stands inside a value (``schema``, ``valuesrules``, ``keysrules``, ``items``) move
to the shapes inside, so that each value is judged by its own rules, at its own place.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from pathlib import PurePath
from typing import Any

from confkit.errors import SchemaError
from confkit.near import near
from confkit.schema.markers import CheckRules
from confkit.schema.shapes import Shape
from confkit.schema.type_hints import Unsupported
from confkit.secret import Secret, SecretBytes

RULES = frozenset(CheckRules.__annotations__)
#: Rules of Cerberus that types, defaults and unions express here.
_ELSEWHERE = {
    "type": "the field's own type does that",
    "required": "a field without a default is required",
    "nullable": "write int | None, or leave None out",
    "default": "it would change the value; give the field a default instead",
    "default_setter": "it would change the value; give the field a default instead",
    "coerce": "it would change the value; use Read(function) instead",
    "rename": "it would change the key; use Renamed or Alias instead",
    "rename_handler": "it would change the key; use Renamed or Alias instead",
    "purge_unknown": "it would change the value",
    "allow_unknown": "use Open for a section that takes further keys",
    "require_all": "a field without a default is required",
    "readonly": "values are frozen",
    "meta": "use Doc",
}
CHANGING = ("coerce", "default", "default_setter", "purge_unknown", "rename", "rename_handler")
_NUMBERS = ("int", "float", "Decimal")
_LOGIC = ("allof", "anyof", "noneof", "oneof")


def settle(shape: Shape, *, inside: bool = False) -> None:
    """Check the rules on a shape and on all shapes inside it, and move them to where they judge.

    :raises Unsupported: for a rule that does not exist or does not fit the type.
    """
    for name, operand in list(shape.rules.items()):
        refuse_unknown(name)
        if inside and name in ("dependencies", "excludes"):
            raise Unsupported(f"Check({name}=...) compares fields, and here it is inside a type")
        if shape.kind == "record":
            raise Unsupported(
                f"Check says nothing about a nested dataclass; mark the fields of {shape.name}"
            )
        for member in shape.members:
            if fault := _fault(name, operand, member):
                raise Unsupported(f"Check({name}={operand!r}): {fault}{_advice(shape, name)}")
        if name in ("schema", "valuesrules", "keysrules", "items"):
            del shape.rules[name]
            for member in shape.members:
                _move(name, operand, member)
    for inner in shape.inside:
        settle(inner, inside=True)


def refuse_unknown(name: str) -> None:
    """Refuse a rule that :class:`Check` does not take.

    :raises Unsupported: with the rule that was probably meant, or what to write instead.
    """
    if name in RULES:
        return
    if name in _ELSEWHERE:
        raise Unsupported(f"Check({name}=...): {_ELSEWHERE[name]}")
    meant = near(name, RULES)
    hint = f": did you mean {meant}?" if meant else ""
    raise Unsupported(f"Check({name}=...): there is no rule {name}{hint}")


def refuse_changing(rules: Mapping[str, Any], prefix: str = "") -> None:
    """Refuse rules of a whole Cerberus schema that would change values or do not exist.

    :raises SchemaError: naming the field and the rule.
    """
    for name, table in rules.items():
        if not isinstance(table, Mapping):
            continue
        for rule in table:
            if rule in CHANGING:
                raise SchemaError(f"{prefix}{name}: the rule {rule!r}: {_ELSEWHERE[rule]}")
            if rule not in RULES and rule not in _ELSEWHERE and "of_" not in rule:
                meant = near(str(rule), [*RULES, *_ELSEWHERE])
                hint = f": did you mean {meant}?" if meant else ""
                raise SchemaError(f"{prefix}{name}: there is no rule {rule}{hint}")
        inside = table.get("schema")
        if isinstance(inside, Mapping) and all(isinstance(v, Mapping) for v in inside.values()):
            refuse_changing(inside, f"{prefix}{name}.")


def _move(name: str, operand: Any, member: Shape) -> None:
    if member.kind in ("any", "own"):
        member.rules[name] = operand
        return
    if name == "items":
        for inner, rules in zip(member.inside, operand, strict=True):
            inner.rules = {**inner.rules, **rules}
        return
    place = member.inside[{"schema": 0, "keysrules": 0, "valuesrules": 1}[name]]
    place.rules = {**place.rules, **operand}


def _advice(shape: Shape, name: str) -> str:
    if shape.kind in ("list", "dict") and name in ("min", "max", "regex"):
        return f"; to judge the items, mark their type: Annotated[..., Check({name}=...)]"
    if shape.kind == "union":
        return "; mark the member that it fits"
    return ""


def _fault(name: str, operand: Any, shape: Shape) -> str:
    """Why a rule does not fit a type; empty if it does."""
    if name in ("min", "max"):
        return _bound(operand, shape)
    if name in ("minlength", "maxlength"):
        if not (isinstance(operand, int) and not isinstance(operand, bool) and operand >= 0):
            return "a length is a whole number"
        return "" if _sized(shape) else f"{shape.name} has no length"
    if name == "empty":
        if not isinstance(operand, bool):
            return "empty is True or False"
        return "" if _sized(shape) else f"{shape.name} is never empty"
    if name in ("allowed", "forbidden"):
        if isinstance(operand, str) or not isinstance(operand, Iterable):
            return "a list of values is expected"
        judged = shape.inside[0] if shape.kind == "list" else shape
        wrong = [value for value in operand if not _value(value, judged)]
        return f"{wrong[0]!r} is no value of {judged.name}" if wrong else ""
    if name == "contains":
        if shape.kind not in ("any", "own", "list", "tuple", "dict"):
            return f"{shape.name} contains nothing"
        several = isinstance(operand, Iterable) and not isinstance(operand, str | bytes)
        item = shape.inside[0] if shape.kind in ("list", "dict") else Shape("any", Any)
        wrong = [v for v in (operand if several else [operand]) if not _value(v, item)]
        return f"{wrong[0]!r} is no value of {item.name}" if wrong else ""
    if name == "regex":
        return _pattern(operand, shape)
    if name == "check_with":
        return "" if callable(operand) else "a function is expected"
    if name in ("dependencies", "excludes"):
        good = isinstance(operand, str | Sequence) or (
            name == "dependencies" and isinstance(operand, Mapping)
        )
        return "" if good else "names of fields are expected"
    if name in _LOGIC:
        return _alternatives(operand, shape)
    return _nested(name, operand, shape)


def _bound(operand: Any, shape: Shape) -> str:
    if shape.kind in ("any", "own"):
        return ""
    kind = type(operand).__name__
    if shape.kind in ("enum", "literal"):
        kinds = {type(v) for v in _plain_values(shape)}
        if kinds and kinds <= {int, float}:
            return "" if kind in _NUMBERS else f"a number is expected, not {kind}"
    elif shape.kind == "scalar":
        if shape.type.__name__ in _NUMBERS:
            return "" if kind in _NUMBERS else f"a number is expected, not {kind}"
        ordered = (dt.timedelta, dt.datetime, dt.date, dt.time, str)
        if shape.type in ordered or shape.type.__module__ == "ipaddress":
            good = type(operand) is shape.type
            return "" if good else f"a {shape.type.__name__} is expected, not {kind}"
    return f"{shape.name} has no order"


def _sized(shape: Shape) -> bool:
    if shape.kind == "scalar":
        return shape.type in (str, bytes, Secret, SecretBytes) or issubclass(shape.type, PurePath)
    if shape.kind in ("enum", "literal"):
        return all(isinstance(v, str) for v in _plain_values(shape))
    return True


def _pattern(operand: Any, shape: Shape) -> str:
    if not isinstance(operand, str):
        return "a pattern is text"
    try:
        re.compile(operand)
    except re.error as error:
        return f"is no regular expression: {error}"
    text = shape.kind in ("any", "own") or (
        (
            shape.kind == "scalar"
            and (shape.type in (str, Secret) or issubclass(shape.type, PurePath))
        )
        or (
            shape.kind in ("enum", "literal")
            and all(isinstance(v, str) for v in _plain_values(shape))
        )
    )
    return "" if text else f"a pattern judges text, and {shape.name} is none"


def _alternatives(operand: Any, shape: Shape) -> str:
    if not isinstance(operand, Sequence) or not all(isinstance(o, Mapping) for o in operand):
        return "a list of rules is expected"
    for rules in operand:
        for name, inner in rules.items():
            refuse_unknown(name)
            if fault := _fault(name, inner, shape):
                return f"{name}={inner!r}: {fault}"
    return ""


def _nested(name: str, operand: Any, shape: Shape) -> str:
    """``schema``, ``items``, ``keysrules`` and ``valuesrules``, which judge what is inside."""
    if shape.kind in ("any", "own"):
        return ""
    if name == "items":
        if shape.kind not in ("tuple", "named"):
            return f"{shape.name} has no fixed places"
        if not isinstance(operand, Sequence) or len(operand) != len(shape.inside):
            return f"{len(shape.inside)} mappings of rules are expected"
        return ""
    fitting = "list" if name == "schema" else "dict"
    if shape.kind != fitting:
        return f"{name} judges a {fitting}, and this is {shape.name}"
    return "" if isinstance(operand, Mapping) else "a mapping of rules is expected"


def _plain_values(shape: Shape) -> list[Any]:
    values = shape.values if shape.kind == "literal" else list(shape.type)
    return [v.value if isinstance(v, Enum) else v for v in values]


def _value(value: Any, shape: Shape) -> bool:
    """Whether an operand can be a value of the type: ``allowed=["1"]`` never fits an int."""
    return any(_is_one(value, member) for member in shape.members)


def _is_one(value: Any, shape: Shape) -> bool:
    if shape.kind in ("enum", "literal"):
        members = list(shape.type) if shape.kind == "enum" else shape.values
        return any(value == m or value == getattr(m, "value", m) for m in members)
    if shape.kind != "scalar":
        return True
    kind: Callable[..., Any] = shape.type
    if kind is Secret or (isinstance(kind, type) and issubclass(kind, PurePath)):
        return isinstance(value, str | Secret | PurePath)
    if kind.__name__ in ("float", "Decimal"):
        return type(value).__name__ in _NUMBERS
    return type(value) is kind
