"""Ask an engine everything about the corpus, and count where it differs from Python."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from confkit.analysis import assign, buckets
from confkit.flags.rules.sql import flag_sql
from confkit.flags.rules.sql_rollout import bucket
from tests.engines import corpus

#: How many awkward ids: `SIZE=1e6` in the session `engines`.
SIZE = int(float(os.environ.get("SIZE", "2e4")))
#: From a query to an Arrow table of its rows.
Ask = Callable[[str], Any]
COLUMNS = ("n", "user_id", "country", "mail", "age")


def table() -> Any:
    """The units as an Arrow table."""
    columns = list(zip(*corpus.rows(SIZE), strict=True))
    types = (pa.int64(), pa.string(), pa.string(), pa.string(), pa.int32())
    arrays = [pa.array(column, kind) for column, kind in zip(columns, types, strict=True)]
    return pa.table(dict(zip(COLUMNS, arrays, strict=True)))


def written(units: Any, path: Path) -> Path:
    """The units as a Parquet file."""
    parquet.write_table(units, path)
    return path


def differences(ask: Ask, dialect: str, units: Any) -> dict[str, int]:
    """For the bucket, and the predicate and the variant of each flag: how many rows differ."""
    wrong = {}
    for name, rule in corpus.RULES.items():
        found = flag_sql(rule, dialect, rules=corpus.RULES, at=corpus.AT)
        answer = ask(
            f"SELECT n, CASE WHEN {found.predicate} THEN 1 WHEN NOT ({found.predicate}) THEN 0 END "
            f"AS answer, {found.variant or 'NULL'} AS variant FROM users"
        )
        known = assign(corpus.TABLE[name], units, flags=corpus.TABLE)
        wrong[name] = _unequal(answer, "answer", known.on)
        if found.variant is not None:
            wrong[f"{name} variant"] = _unequal(answer, "variant", known.variant)
    for name in ("plain", "legacy"):
        rollout = corpus.TABLE[name]._rollout(100)
        answer = ask(f"SELECT n, {bucket(rollout, dialect=dialect)} AS answer FROM users")
        known = buckets(rollout.salt, units["user_id"], scheme=rollout.scheme)
        wrong[f"{name} bucket"] = _unequal(answer, "answer", known)
    return {name: count for name, count in wrong.items() if count}


def _unequal(answer: Any, column: str, known: Any) -> int:
    """How many rows differ; a missing answer equals a missing answer only."""
    assert answer.num_rows == len(known), "the engine lost rows"
    order = np.argsort(answer["n"].to_numpy())
    found = np.array(answer[column].to_pylist(), dtype=object)[order]
    expected = np.array(known.to_pylist(), dtype=object)
    return int((found != expected).sum())
