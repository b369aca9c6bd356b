"""A flag for every row of a file, written to another file: in bounded memory, whatever the size."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from confkit.analysis.assignment import Assignment
from confkit.analysis.columnwise import Batch, answers
from confkit.analysis.distribution import Distribution
from confkit.analysis.population import Population
from confkit.analysis.tally import Tally
from confkit.atomic import written
from confkit.errors import InvalidPopulation, MissingExtra
from confkit.flags.rules.evaluation import Compiled, Table

try:
    import pyarrow as pa
    from pyarrow import csv, parquet
except ImportError:
    raise MissingExtra("pyarrow", "analysis") from None


def assign_file(
    flag: Compiled,
    people: Population,
    out: Path,
    *,
    table: Table | None = None,
    unit: str | None = None,
    keep: Sequence[str] = (),
    shared: Mapping[str, Any] | None = None,
    progress: Callable[[int], object] | None = None,
) -> Distribution:
    """Write the id, ``on``, ``variant``, ``bucket`` and ``reason`` of every row; count them.

    ``out`` appears when it is whole, and takes the place of a file of that name. ``unit`` is the
    column of the ids, where it is not called as the rule calls it; ``keep`` are further columns
    to copy. A missing id has no answer.

    :raises confkit.InvalidPopulation: when a column is missing or holds what is no id, or when
        ``out`` is neither ``.parquet`` nor ``.csv``.
    """
    _check(people, flag, unit, keep, out)
    column = unit or flag.unit
    tally, done = Tally(flag), 0
    read = dict.fromkeys((column, *keep, *(name for _, name, _ in flag.conditions)))
    wanted = [name for name in (*read, *_needed(flag, table or {})) if name in people.columns]
    with ExitStack() as stack:
        beside = stack.enter_context(written(out))
        writer = None
        for columns in people.batches(list(dict.fromkeys(wanted)), column):
            batch = Batch({**columns, flag.unit: columns[column]}, shared)
            found = answers(flag, batch, table or {})
            tally.add(found, batch)
            rows = _rows(Assignment(flag, found, batch, _same), column, columns, keep, out)
            if writer is None:
                writer = stack.enter_context(_writer(beside, out, rows.schema))
            writer.write_table(rows)
            done += batch.length
            if progress is not None:
                progress(done)
    return tally.distribution()


def _check(
    people: Population, flag: Compiled, unit: str | None, keep: Sequence[str], out: Path
) -> None:
    if out.suffix not in (".parquet", ".csv"):
        raise InvalidPopulation(f"{out}: the result is a .parquet or a .csv file")
    known = ", ".join(people.columns) or "none"
    wanted = [unit or flag.unit, *keep] if people.columns else keep
    for name in wanted:
        if name not in people.columns:
            raise InvalidPopulation(
                f"{people.source}: there is no column {name!r}; the columns are {known}"
            )
    if taken := {"on", "variant", "bucket", "reason"} & {unit or flag.unit, *keep}:
        raise InvalidPopulation(f"the column {min(taken)!r} would be twice in the result")


def _needed(flag: Compiled, table: Table) -> list[str]:
    """The columns that the prerequisites read."""
    found: list[str] = []
    todo, seen = [p.name for p in flag.rule.prerequisites], set[str]()
    while todo:
        name = todo.pop()
        needed = table.get(name)
        if name not in seen and isinstance(needed, Compiled):
            seen.add(name)
            found += [needed.unit, *(attribute for _, attribute, _ in needed.conditions)]
            todo += [p.name for p in needed.rule.prerequisites]
    return found


def _same(array: Any) -> Any:
    return array


def _rows(
    assigned: Assignment,
    column: str,
    columns: Mapping[str, Any],
    keep: Sequence[str],
    out: Path,
) -> Any:
    copied = {name: columns[name] for name in dict.fromkeys((column, *keep))}
    answer = assigned.table()
    found = pa.table({**copied, **{name: answer[name] for name in answer.column_names}})
    if out.suffix == ".csv":  # which has no dictionaries
        for name in ("variant", "reason"):
            place = found.schema.get_field_index(name)
            found = found.set_column(place, name, found[name].cast(pa.string()))
    return found


def _writer(path: Path, out: Path, schema: Any) -> Any:
    if out.suffix == ".csv":
        return csv.CSVWriter(path, schema)
    return parquet.ParquetWriter(path, schema, compression="zstd")
