"""The answers of one flag for a whole population as a file: CSV, or Parquet where pyarrow is."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from confkit.analysis.distribution import checked
from confkit.analysis.people import People
from confkit.atomic import written
from confkit.errors import InvalidPopulation, MissingExtra
from confkit.flags.rules.evaluation import Compiled, Table
from confkit.flags.rules.rollout import Rollout, digest_and_bucket

COLUMNS = ("on", "variant", "bucket", "reason")
#: Rows of Parquet that are kept until they are written.
ROWS = 1 << 18


def write_assignment(
    flag: Compiled,
    crowd: People,
    path: Path,
    *,
    table: Table | None = None,
    shared: Mapping[str, Any] | None = None,
) -> int:
    """Write id, ``on``, ``variant``, ``bucket`` and ``reason`` of every unit; how many there are.

    The file appears when it is whole. The bucket is that of the unit, also where it did not
    decide; units without an id are left out.

    :raises confkit.InvalidPopulation: for an id that is none, or a name that is neither
        ``.csv`` nor ``.parquet``.
    :raises confkit.MissingExtra: for Parquet without pyarrow.
    """
    rows = _rows(flag, crowd, table or {}, shared or {})
    if path.suffix not in (".csv", ".parquet"):
        raise InvalidPopulation(f"{path}: the result is a .csv or a .parquet file")
    with written(path) as beside:
        return (
            _write_csv(beside, flag.unit, rows)
            if path.suffix == ".csv"
            else _write_parquet(beside, flag.unit, rows)
        )


Row = tuple[str, bool, str | None, int, str]


def _rows(flag: Compiled, crowd: People, table: Table, shared: Mapping[str, Any]) -> Iterator[Row]:
    rule = flag.rule
    rollout = Rollout(100, rule.salt or rule.name, rule.unit, rule.scheme)
    number = 0
    for context in _contexts(crowd, flag.unit):
        number += 1
        unit = context.get(flag.unit)
        if unit is None:
            continue
        text = checked(unit, number - 1)
        decision = flag.decide({**shared, **context}, table)
        bucket = digest_and_bucket(rollout, text)[1]
        yield text, decision.value, decision.variant, bucket, decision.reason.value


def _contexts(crowd: People, unit: str) -> Iterator[Mapping[str, Any]]:
    for part in crowd.read(crowd.columns or (), unit):
        if isinstance(part, list):
            for one in part:
                yield one if isinstance(one, Mapping) else {unit: one}
        else:
            columns = {n: c.to_pylist() if hasattr(c, "to_pylist") else c for n, c in part.items()}
            for values in zip(*columns.values(), strict=True):
                yield dict(zip(columns, values, strict=True))


def _write_csv(path: Path, unit: str, rows: Iterator[Row]) -> int:
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow((unit, *COLUMNS))
        for text, on, variant, bucket, reason in rows:
            writer.writerow((text, "true" if on else "false", variant or "", bucket, reason))
            count += 1
    return count


def _write_parquet(path: Path, unit: str, rows: Iterator[Row]) -> int:
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        raise MissingExtra("pyarrow", "analysis") from None
    kinds = (pa.string(), pa.bool_(), pa.string(), pa.int32(), pa.string())
    schema = pa.schema(list(zip((unit, *COLUMNS), kinds, strict=True)))
    count, kept = 0, list[Row]()
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:

        def flush() -> None:
            columns = list(zip(*kept, strict=True)) or [()] * len(kinds)
            writer.write_table(pa.table([list(c) for c in columns], schema=schema))
            kept.clear()

        for row in rows:
            kept.append(row)
            count += 1
            if len(kept) == ROWS:
                flush()
        flush()
    return count
