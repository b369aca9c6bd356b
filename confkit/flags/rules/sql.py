"""A whole flag in SQL: lists, conditions, prerequisites, rollout and variants.

A flag translates whole, or :class:`confkit.NoSql` names every part that does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from confkit.errors import NoSql
from confkit.flags.rules.conditions import Condition
from confkit.flags.rules.dialects import Dialect, dialect_of, identifier, literal
from confkit.flags.rules.model import Rule
from confkit.flags.rules.rollout import Rollout
from confkit.flags.rules.sql_rollout import Hashed, self_check

#: More ids than this on a list make a query that no engine likes: join a table of them instead.
MOST_LISTED = 10_000


@dataclass(frozen=True, slots=True)
class FlagSql:
    """A flag in one dialect.

    ``predicate`` is true where the flag is on and NULL where the id is; ``bucket`` the bucket of
    the id; ``variant`` its variant where the flag is on, None for a flag without variants;
    ``selfcheck`` a query that gives no rows where the engine agrees with Python.
    """

    predicate: str
    bucket: str
    variant: str | None
    selfcheck: str


def flag_sql(
    rule: Rule,
    dialect: str,
    column: str | None = None,
    *,
    columns: Mapping[str, str] | None = None,
    rules: Mapping[str, Rule] | None = None,
    at: datetime | None = None,
) -> FlagSql:
    """Translate a flag: lists, conditions, prerequisites, rollout and variants.

    :param column: the column of the ids; by default the name of the rule's unit.
    :param columns: the columns of other attributes and units, where they are called otherwise.
        What ``in`` tests must be a column of text or integers, what ``min`` and its like test one
        of numbers.
    :param rules: the rules of the prerequisites, by name.
    :param at: the moment at which a schedule is looked up (aware).
    :raises confkit.NoSql: with every part that does not translate.
    :raises ValueError: for a dialect that does not exist.
    """
    found = _Translation(dialect_of(dialect), dict(columns or {}), dict(rules or {}), at)
    if column is not None:
        found.columns[rule.unit] = column
    whole = found.predicate(rule)
    hashed = found.hash_of(rule)
    chosen = None
    if rule.variants and hashed is not None:
        chosen = f"CASE WHEN {whole} THEN {found.variant(rule, hashed)} END"
    if found.faults:
        raise NoSql(rule.name, dialect, dict.fromkeys(found.faults))
    assert hashed is not None
    check = self_check(_rollout(rule, 50), dialect=dialect)
    return FlagSql(whole, hashed.bucket(), chosen, check)


def _rollout(rule: Rule, percentage: float) -> Rollout:
    return Rollout(percentage, rule.salt or rule.name, rule.unit, rule.scheme)


@dataclass(slots=True)
class _Translation:
    """One translation, and what was found that has no SQL."""

    dialect: Dialect
    columns: dict[str, str]
    rules: dict[str, Rule]
    at: datetime | None
    faults: list[str] = field(default_factory=list)
    path: tuple[str, ...] = ()

    def hash_of(self, rule: Rule) -> Hashed | None:
        try:
            return Hashed(_rollout(rule, 100), self.dialect, self.columns.get(rule.unit, rule.unit))
        except ValueError as error:
            self.faults.append(str(error))
            return None

    def variant(self, rule: Rule, hashed: Hashed) -> str:
        try:
            return hashed.variant(rule.variants)
        except ValueError as error:
            self.faults.append(f"variants: {error}")
            return ""

    def predicate(self, rule: Rule) -> str:
        """The whole flag as one condition."""
        hashed = self.hash_of(rule)
        if hashed is None:
            return ""
        if not rule.enabled:
            return f"CASE WHEN {hashed.column} IS NOT NULL THEN FALSE END"
        share = self.share(rule)
        cases = list(self.cases(rule, hashed))
        if share is None:
            otherwise = "TRUE" if rule.allow is None else "FALSE"
        else:
            otherwise = hashed.inside(share)
            if not cases:
                return otherwise
        steps_ = (f"WHEN {hashed.column} IS NULL THEN NULL", *cases, f"ELSE {otherwise}")
        return f"CASE {' '.join(steps_)} END"

    def cases(self, rule: Rule, hashed: Hashed) -> Iterator[str]:
        """What is decided before the rollout, in order."""
        for name, ids, answer in (("deny", rule.deny, "FALSE"), ("allow", rule.allow, "TRUE")):
            if ids and len(ids) > MOST_LISTED:
                self.faults.append(f"{name}: {len(ids):,} ids are too many: join a table of them")
            elif ids:
                yield f"WHEN {hashed.listed(ids)} THEN {answer}"
        for name, wanted in rule.prerequisites:
            yield f"WHEN NOT COALESCE({self.prerequisite(name, wanted)}, FALSE) THEN FALSE"
        for condition in rule.conditions:
            yield f"WHEN NOT COALESCE({self.condition(condition)}, FALSE) THEN FALSE"

    def share(self, rule: Rule) -> float | None:
        if not rule.schedule:
            return rule.percentage
        if self.at is None:
            self.faults.append(f"schedule: {rule.name} changes with time: say at which moment (at)")
            return rule.percentage
        past = [step for step in rule.schedule if step.at <= self.at]
        return past[-1].percentage if past else rule.percentage or 0

    def prerequisite(self, name: str, wanted: bool | str) -> str:
        rule = self.rules.get(name)
        if rule is None or name in self.path:
            why = "is a cycle" if rule else "has no rule here: give it"
            self.faults.append(f"prerequisites: {name} {why}")
            return ""
        self.path += (name,)
        found = self.predicate(rule)
        self.path = self.path[:-1]
        if isinstance(wanted, bool):
            # A unit without an id is off.
            return found if wanted else f"NOT COALESCE({found}, FALSE)"
        hashed = self.hash_of(rule)
        case = self.variant(rule, hashed) if hashed is not None else ""
        return f"({found}) AND ({case}) = {self.text(wanted)}"

    def condition(self, condition: Condition) -> str:
        """One attribute and its tests; NULL or false where one does not hold."""
        name = condition.attribute
        # A dot may part the attribute from a table or from an attribute around it.
        column = self.columns.get(name, "" if "." in name else name)
        try:
            column = identifier(self.dialect, column)
        except ValueError:
            fault = f"{(column or name)!r} is no column: name the column of {name}"
            self.faults.append(f"conditions: {fault}")
            return ""
        return "(" + " AND ".join(self.test(column, *test) for test in condition.tests) + ")"

    def test(self, column: str, operator: str, operand: Any) -> str:
        dialect = self.dialect
        text = dialect.text.format(id=column)
        if operator in ("in", "not_in"):
            exact = dialect.exact.format(text=text)
            words = ", ".join(self.text(value, dialect.end) for value in operand)
            return f"{exact} {'IN' if operator == 'in' else 'NOT IN'} ({words})"
        if operator in ("prefix", "suffix"):
            affixes = (operand,) if isinstance(operand, str) else operand
            template = dialect.prefix if operator == "prefix" else dialect.suffix
            tests = (
                template.format(text=text, count=len(affix), literal=self.text(affix))
                for affix in affixes
            )
            return "(" + " OR ".join(tests) + ")"
        if operator in _COMPARISONS:
            return f"{dialect.number.format(id=column)} {_COMPARISONS[operator]} {operand!r}"
        self.faults.append(f"conditions: {operator!r} has no SQL")
        return ""

    def text(self, value: Any, end: str = "") -> str:
        if isinstance(value, float) and value == int(value):
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, str | int):
            self.faults.append(f"conditions: {value!r} has no text that all engines share")
            return ""
        try:
            return literal(self.dialect, f"{value}{end}")
        except ValueError as error:
            self.faults.append(f"conditions: {error}")
            return ""


_COMPARISONS = {"min": ">=", "max": "<=", "above": ">", "below": "<"}
