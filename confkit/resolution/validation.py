"""The rules of a ``Check`` and a ``Url`` on typed values, and whole Cerberus schemas.

The plain rules are judged here, exactly as Cerberus judges them: its import would be the longest
part of a program's start. All others are judged by Cerberus. No message quotes the value, nor what
a function reports about a secret.
"""

from __future__ import annotations

import dataclasses
import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sized
from collections.abc import Set as AbstractSet
from enum import Enum
from functools import cache
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, NamedTuple

from confkit import redaction
from confkit.forking import RenewedLock
from confkit.keypath import join
from confkit.resolution.scalars import Fault
from confkit.schema.shapes import Shape
from confkit.schema.tree import Leaf, Schema, Section
from confkit.secret import Sealed

if TYPE_CHECKING:
    from confkit.cerberus_rules import Broken

Rules = Mapping[str, Any]
#: Rules that compare fields, so that a change elsewhere can break them.
_ACROSS = ("dependencies", "excludes")
_lock = RenewedLock()


class Violation(NamedTuple):
    """One broken rule: the key, the rule's name and what is wrong, without the value."""

    key: str
    rule: str
    message: str


# -- one value -----------------------------------------------------------------------------------


def judge(shape: Shape, name: str, *, quiet: bool = False) -> Callable[[Any], list[Fault]] | None:
    """The rules on a shape as a function from a typed value to what is wrong with it, or None."""
    rules = {k: _operand(k, v) for k, v in shape.rules.items() if k not in _ACROSS}
    plain = {k: v for k, v in rules.items() if k in _JUDGES or k in ("empty", "check_with")}
    others = {k: v for k, v in rules.items() if k not in plain}
    url = shape.url
    if not rules and url is None:
        return None

    def judged(value: Any) -> list[Fault]:
        value = _plain(value)
        faults = [
            Fault(words or message(rule, operand, quiet), code=rule)
            for rule, operand, words in _plain_faults(plain, name, value, quiet)
        ]
        if url is not None and (wrong := url.fault(value)):
            faults.append(Fault(wrong, code="url"))
        if others:
            from confkit.cerberus_rules import broken  # only for rules that are not plain

            with _lock:  # a validator remembers what it judges
                found = broken(_compiled(shape, name, others), {name: value})
            faults += [Fault(_said(one, quiet), one.path[1:], code=one.rule) for one in found]
        return faults

    return judged


_compiled_rules: dict[Shape, Any] = {}


def _compiled(shape: Shape, name: str, rules: Rules) -> Any:
    made = _compiled_rules.get(shape)
    if made is None:
        from confkit.cerberus_rules import validator

        made = _compiled_rules[shape] = validator({name: {**rules, "nullable": True}})
    return made


def _operand(rule: str, operand: Any) -> Any:
    if rule in ("allowed", "forbidden"):
        return [_plain(value) for value in operand]
    return _plain(operand) if rule in ("min", "max") else operand


def _plain_faults(
    rules: Rules, name: str, value: Any, quiet: bool
) -> Iterator[tuple[str, Any, str]]:
    if "empty" in rules and isinstance(value, Sized) and not len(value):
        if not rules["empty"]:
            yield "empty", False, ""
        # As in Cerberus, where an empty value is judged by few other rules then.
        rules = {rule: operand for rule, operand in rules.items() if rule in ("min", "max")}
    for rule, operand in rules.items():
        if rule == "check_with":
            said: list[str] = []
            operand(name, value, lambda _field, text, said=said: said.append(str(text)))
            for text in said:
                yield (
                    rule,
                    operand,
                    message(rule, operand, quiet) if quiet else redaction.mask_text(text),
                )
        elif rule != "empty" and not _JUDGES[rule](operand, value):
            yield rule, operand, ""


def _several(value: Any) -> bool:
    return isinstance(value, list | tuple | AbstractSet | deque | dict)


def _compares(test: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def compare(operand: Any, value: Any) -> bool:
        try:
            return not test(value, operand)
        except TypeError:  # as of a time with a zone and one without
            return False

    return compare


def _pattern(operand: str, value: Any) -> bool:
    whole = operand if operand.endswith("$") else operand + "$"
    return isinstance(value, str) and re.match(whole, value) is not None


_JUDGES: dict[str, Callable[[Any, Any], bool]] = {
    "min": _compares(lambda value, limit: value < limit),
    "max": _compares(lambda value, limit: value > limit),
    "minlength": lambda limit, value: isinstance(value, Sized) and len(value) >= limit,
    "maxlength": lambda limit, value: isinstance(value, Sized) and len(value) <= limit,
    "allowed": lambda values, value: (
        all(v in values for v in value) if _several(value) else value in values
    ),
    "forbidden": lambda values, value: (
        not any(v in values for v in value) if _several(value) else value not in values
    ),
    "regex": _pattern,
}


_AS_THEY_ARE = frozenset({str, int, float, bool, type(None)})


def _plain(value: Any) -> Any:
    """The value as rules know it: text for secrets, paths and enums, dicts for dataclasses."""
    if type(value) in _AS_THEY_ARE:
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Sealed):
        return value.reveal()
    if isinstance(value, Mapping):
        return {_plain(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | deque):
        return [_plain(inner) for inner in value]
    if isinstance(value, set | frozenset):
        return {_plain(inner) for inner in value}
    if isinstance(value, PurePath):
        return str(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    return value


# -- fields together -----------------------------------------------------------------------------


class Checker:
    """The rules of a settings class that compare fields, and a whole Cerberus schema beside them.

    :raises SchemaError: for rules that Cerberus does not know, and for rules that change values.
    """

    def __init__(self, schema: Schema, rules: Rules | None = None) -> None:
        self.schema = schema
        self.extra = {k: dict(t) if isinstance(t, Mapping) else t for k, t in (rules or {}).items()}
        if self.extra:
            from confkit.schema.rules import refuse_changing  # only where there are such rules

            refuse_changing(self.extra)
        self.rules = _tree(schema.root)
        # Validators remember what they judge, so each checker has its own.
        self._declared = self._extra = None
        if self.rules or self.extra:
            from confkit.cerberus_rules import validator

            self._declared = validator(self.rules) if self.rules else None
            self._extra = validator(self.extra) if self.extra else None

    @property
    def looks_around(self) -> bool:
        """Whether a rule on one field depends on others, so that one key cannot be judged alone."""
        return self._declared is not None or self._extra is not None

    def check(self, document: Mapping[str, Any]) -> list[Violation]:
        """Every rule that the nested ``document`` of typed values breaks."""
        if not self.looks_around:
            return []
        from confkit.cerberus_rules import broken

        plain = _plain(document)
        found: list[Violation] = []
        for one, given in ((self._declared, _set(plain)), (self._extra, plain)):
            for wrong in broken(one, given) if one is not None else ():
                leaf = self._leaf(wrong.path)
                says = _said(wrong, leaf is not None and leaf.sensitive)
                violation = Violation(join(*wrong.path), wrong.rule, says)
                if violation not in found:
                    found.append(violation)
        return found

    def _leaf(self, path: tuple[str | int, ...]) -> Leaf | None:
        """The field that the value at ``path`` stands in: itself, or a list further up."""
        ends = range(len(path), 0, -1)
        return next((leaf for end in ends if (leaf := self.schema.find(join(*path[:end])))), None)


def _set(document: Any) -> Any:
    """The fields that are set: for a rule between fields, None is a field that is not."""
    if isinstance(document, dict):
        return {k: _set(v) for k, v in document.items() if v is not None}
    return document


def across(schema: Schema, values: Mapping[str, Any]) -> list[Fault]:
    """The rules between the fields of a dataclass inside a list or the like."""
    checker = _across(schema)
    if not checker.looks_around:
        return []
    with _lock:
        return [Fault(one.message, (one.key,), code=one.rule) for one in checker.check(values)]


@cache
def _across(schema: Schema) -> Checker:
    return Checker(schema)


@cache
def _tree(section: Section) -> dict[str, Any]:
    """The rules between fields as a Cerberus schema, with nothing about the other fields."""
    rules: dict[str, Any] = {}
    for leaf in section.leaves:
        table: dict[str, Any] = {k: v for k, v in leaf.rules.items() if k in _ACROSS}
        if leaf.items is not None and (inside := _tree(leaf.items.root)):
            table["valuesrules"] = {"schema": inside}
        if table:
            rules[leaf.name] = table
    for name, child in section.sections:
        if inside := _tree(child):
            rules[name] = {"schema": inside}
    return rules


# -- messages ------------------------------------------------------------------------------------

_SAYS: dict[str, Callable[[Any], str]] = {
    "min": lambda c: f"must be at least {c}",
    "max": lambda c: f"must be at most {c}",
    "minlength": lambda c: f"must be at least {c} long",
    "maxlength": lambda c: f"must be at most {c} long",
    "allowed": lambda c: f"must be one of {', '.join(map(str, c))}",
    "forbidden": lambda _: "has a value that is not allowed",
    "regex": lambda c: f"must match the pattern {c}",
    "empty": lambda _: "must not be empty",
    "nullable": lambda _: "must not be null",
    "required": lambda _: "is required",
    "type": lambda c: f"must be of the type {c if isinstance(c, str) else ' or '.join(c)}",
    "dependencies": lambda c: f"needs {', '.join(c) if not isinstance(c, str) else c} to be set",
    "excludes": lambda c: f"cannot be set beside {', '.join(c) if not isinstance(c, str) else c}",
    "contains": lambda _: "lacks a value that must be among them",
}


def refusal(section: Section, error: Exception) -> str:
    """What a class says against values that fit their types, unless it may quote a secret."""
    secret = any(leaf.sensitive for leaf in section.walk())
    why = "" if secret or not str(error) else f": {redaction.mask_text(str(error))}"
    return f"is refused by {section.type.__name__}{why}"


def message(rule: str, operand: Any, quiet: bool) -> str:
    """What a broken rule demands; ``quiet`` for a secret, whose allowed values are secrets, too."""
    if rule == "allowed" and quiet:
        return "is none of the allowed values"
    says = _SAYS.get(rule)
    return says(operand) if says else f"breaks the rule {rule!r}"


def _said(one: Broken, quiet: bool) -> str:
    if one.words and not quiet:
        return redaction.mask_text(one.words)
    return message(one.rule, one.operand, quiet)
