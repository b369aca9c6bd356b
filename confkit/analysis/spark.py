"""A flag as columns of Spark DataFrames: one line in a job, computed where the data is.

::

    from confkit.analysis import spark

    users.withColumn("on", spark.enabled(rule)).withColumn("variant", spark.variant(rule))

The expressions are those of :func:`confkit.flags.rules.sql.flag_sql` for Spark: no Python runs on
the executors, and a missing id stays missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from confkit.errors import MissingExtra
from confkit.flags.rules import sql_rollout
from confkit.flags.rules.model import Rule
from confkit.flags.rules.rollout import Rollout
from confkit.flags.rules.sql import FlagSql, flag_sql

Column = Any  # a pyspark.sql.Column


def enabled(
    rule: Rule,
    column: str | None = None,
    *,
    columns: Mapping[str, str] | None = None,
    rules: Mapping[str, Rule] | None = None,
    at: datetime | None = None,
) -> Column:
    """Whether the flag is on for each row. The arguments are those of ``flag_sql``.

    :raises confkit.NoSql: with every part of the rule that does not translate.
    """
    return _expression(_parts(rule, column, columns, rules, at).predicate)


def variant(
    rule: Rule,
    column: str | None = None,
    *,
    columns: Mapping[str, str] | None = None,
    rules: Mapping[str, Rule] | None = None,
    at: datetime | None = None,
) -> Column:
    """The variant of each row for which the flag is on; NULL for a flag without variants.

    :raises confkit.NoSql: with every part of the rule that does not translate.
    """
    return _expression(_parts(rule, column, columns, rules, at).variant or "CAST(NULL AS STRING)")


def bucket(rule: Rule, column: str | None = None) -> Column:
    """The bucket of each row, 0 to 99,999, whatever else the rule holds.

    :raises ValueError: for a column that is none.
    """
    rollout = Rollout(100, rule.salt or rule.name, rule.unit, rule.scheme)
    return _expression(sql_rollout.bucket(rollout, dialect="spark", column=column or rule.unit))


def _parts(
    rule: Rule,
    column: str | None,
    columns: Mapping[str, str] | None,
    rules: Mapping[str, Rule] | None,
    at: datetime | None,
) -> FlagSql:
    return flag_sql(rule, "spark", column, columns=columns, rules=rules, at=at)


def _expression(text: str) -> Column:
    try:
        from pyspark.sql.functions import expr
    except ImportError:
        raise MissingExtra("pyspark", "spark") from None
    return expr(text)
