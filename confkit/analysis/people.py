"""Whom a page looks at: made-up ids, a file, a frame, a query or a list; read in parts.

Without numpy and pyarrow there are made-up ids, lists, and ids in a file one a line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from confkit.analysis.counting import Counting
from confkit.analysis.distribution import Unit
from confkit.analysis.lookup import Lookup
from confkit.errors import InvalidPopulation, MissingExtra
from confkit.flags.rules.evaluation import Compiled, Table
from confkit.flags.rules.model import Rule

if TYPE_CHECKING:
    from confkit.analysis.population import Population

#: Units between two signs of life: less than a tenth of a second's work.
PART = 1 << 15
#: Up to here pure Python is quicker than the import of what counts columns.
FEW, FEW_DECIDED = 200_000, 20_000
#: Values of a segment that are counted apart; the rest is one group.
SEGMENTS = 12
REST = "(others)"

Part = Mapping[str, Any] | list[Unit]


@dataclass(frozen=True)
class People:
    """Units to count.

    :ivar name: what they are, for people: ``100,000 made-up users``.
    :ivar read: gives them in parts, for the columns that are needed and the attribute of the id:
        columns by name, or a list of ids or contexts.
    :ivar rows: how many there are, None where that is not known before they are read.
    :ivar columns: the names of their columns; empty for plain ids.
    :ivar synthetic: whether they are made up.
    """

    name: str
    read: Callable[[Sequence[str], str], Iterator[Part]]
    rows: int | None = None
    columns: tuple[str, ...] = ()
    synthetic: bool = False

    def population(self, unit: str) -> Population:
        """The same units for a plan.

        :raises confkit.MissingExtra: without pyarrow.
        """
        from confkit.analysis.population import Population

        def read(wanted: Sequence[str]) -> Iterator[Any]:
            for part in self.read(wanted, unit):
                yield _record_batch(part, unit)

        return Population(self.name, self.columns, read, self.rows, self.synthetic)


def _record_batch(part: Part, unit: str) -> Any:
    import pyarrow as pa

    if isinstance(part, list):
        contexts = [one if isinstance(one, Mapping) else {unit: one} for one in part]
        names = list(dict.fromkeys(name for one in contexts for name in one))
        part = {name: [one.get(name) for one in contexts] for name in names}
    arrays = [
        column.combine_chunks() if isinstance(column, pa.ChunkedArray) else pa.array(column)
        for column in part.values()
    ]
    return pa.record_batch(arrays, list(part))


def made_up(count: int) -> People:
    """Made-up units: ``user-1`` to ``user-count``."""

    def read(_: Sequence[str], unit: str) -> Iterator[Part]:
        for begin in range(1, count + 1, PART):
            yield [f"user-{n}" for n in range(begin, min(begin + PART, count + 1))]

    return People(f"{count:,} made-up users", read, count, synthetic=True)


def listed(units: Iterable[Unit], name: str = "your users") -> People:
    """Ids, or the attributes of contexts."""
    held = list(units)

    def read(_: Sequence[str], unit: str) -> Iterator[Part]:
        todo = iter(held)
        while part := list(islice(todo, PART)):
            yield part

    names = dict.fromkeys(key for unit in held if isinstance(unit, Mapping) for key in unit)
    return People(name, read, len(held), tuple(names))


def people(source: object) -> People:
    """The units that a text, a number, a frame or an iterable stands for.

    A number is how many made-up ids; a text is a ``.csv`` or ``.parquet`` file, a file of ids one
    a line, or a query for DuckDB (``SELECT ...``).

    :raises confkit.InvalidPopulation: for what cannot be read.
    :raises confkit.MissingExtra: without what its kind needs.
    """
    if isinstance(source, People):
        return source
    if isinstance(source, int) and not isinstance(source, bool):
        if not 1 <= source <= 10_000_000:
            raise InvalidPopulation(f"1 to 10,000,000 made-up users, not {source:,}")
        return made_up(source)
    if isinstance(source, str | Path):
        return _named(source)
    if _columnar():
        from confkit.analysis.columns import is_frame

        if is_frame(source):
            return _frame(source)
    if isinstance(source, Iterable):
        return listed(source)
    raise InvalidPopulation(
        f"users are a number, a file, a frame or ids, not {type(source).__name__}"
    )


def _named(source: str | Path) -> People:
    text = str(source).strip()
    if not isinstance(source, Path) and text.lower().startswith(("select ", "from ", "with ")):
        from confkit.analysis.population import query

        return _read_by(query(text), "a query")
    path = Path(text).expanduser()
    if not path.is_file():
        raise InvalidPopulation(f"{path}: there is no such file")
    if not _columnar() and path.suffix not in (".csv", ".parquet", ".pq"):
        lines = path.read_text(encoding="utf-8-sig").splitlines()
        return listed((line for line in lines if line), path.name)
    from confkit.analysis.population import population

    return _read_by(population(path), path.name)


def _read_by(found: Any, name: str) -> People:
    def read(wanted: Sequence[str], unit: str) -> Iterator[Part]:
        return found.batches(wanted, unit)  # type: ignore[no-any-return]

    return People(name, read, found.rows, found.columns)


def _frame(source: Any) -> People:
    from confkit.analysis.columns import arrow, frame_columns

    columns = frame_columns(source)
    rows = len(next(iter(columns.values()), ()))

    def read(wanted: Sequence[str], unit: str) -> Iterator[Part]:
        chosen = {name: arrow(columns[name], name) for name in wanted if name in columns}
        for begin in range(0, max(rows, 1), PART):
            yield {name: column.slice(begin, PART) for name, column in chosen.items()}

    return People(f"{rows:,} rows", read, rows, tuple(columns))


def _columnar() -> bool:
    """Whether columns can be counted here."""
    try:
        import confkit.analysis.columnwise  # noqa: F401
    except MissingExtra:
        return False
    return True


def count_people(
    rule: Rule,
    before: Compiled | None,
    crowd: People,
    *,
    other_salt: str | None = None,
    table: Table | None = None,
    shared: Mapping[str, Any] | None = None,
    segment: str | None = None,
) -> Iterator[tuple[int, Mapping[str, Lookup]]]:
    """Count units part by part: how many are done, and what was counted, at the end only.

    The key of the counts is empty for everybody, and the value of the column ``segment`` for its
    part. Conditions on attributes that nobody gave hold for made-up units, and are an error for
    others.

    :raises confkit.InvalidPopulation: when a column is missing, or holds what is no id.
    """

    def fresh(*, columns: bool) -> Any:
        if columns:
            from confkit.analysis.counting_columns import ColumnCounting as Kind
        else:
            Kind = Counting  # type: ignore[assignment,misc] # noqa: N806
        return Kind(
            rule,
            before,
            other_salt=other_salt,
            table=table,
            shared=shared,
            assume=crowd.synthetic,
        )

    wanted = _wanted(rule, before, crowd, table or {}, segment)
    few = FEW if fresh(columns=False).plain else FEW_DECIDED
    in_columns = (crowd.rows is None or crowd.rows > few) and _columnar()
    counts: dict[str, Any] = {}
    done = 0
    for part in crowd.read(wanted, rule.unit):
        if in_columns and isinstance(part, list) and not crowd.columns:
            part = {rule.unit: part}
        columns = isinstance(part, Mapping)
        whole = counts.get("") or counts.setdefault("", fresh(columns=columns))
        whole.add(part)
        if segment is not None:
            for name, piece in _parted(part, segment):
                if name not in counts:
                    name = name if len(counts) <= SEGMENTS else REST
                one = counts.get(name) or counts.setdefault(name, fresh(columns=columns))
                one.add(piece)
        done += len(part) if not columns else _length(part)
        yield done, {}
    if not counts:
        counts[""] = fresh(columns=False)
    yield done, {name: one.lookup() for name, one in counts.items()}


def _length(part: Any) -> int:
    return len(next(iter(part.values()), ()))


def _wanted(
    rule: Rule, before: Compiled | None, crowd: People, table: Table, segment: str | None
) -> list[str]:
    if not crowd.columns:
        return []
    names = [rule.unit, *([segment] if segment else [])]
    names += [name for name in crowd.columns if name in _attributes(rule, before, table)]
    missing = [name for name in (rule.unit, segment) if name and name not in crowd.columns]
    if missing:
        known = ", ".join(crowd.columns)
        raise InvalidPopulation(
            f"{crowd.name}: there is no column {missing[0]!r}; the columns are {known}"
        )
    return list(dict.fromkeys(names))


def _attributes(rule: Rule, before: Compiled | None, table: Table) -> set[str]:
    """Every attribute that a rule, what was before, or a prerequisite of them reads."""
    todo = [rule] + ([] if before is None else [before.rule])
    found: set[str] = set()
    seen: set[str] = set()
    while todo:
        one = todo.pop()
        found |= {one.unit, *(condition.attribute for condition in one.conditions)}
        for needed in one.prerequisites:
            other = table.get(needed.name)
            if needed.name not in seen and isinstance(other, Compiled):
                seen.add(needed.name)
                todo.append(other.rule)
    return found


def _parted(part: Any, segment: str) -> Iterator[tuple[str, Any]]:
    """A part by the values of one of its columns."""
    if isinstance(part, list):
        by_value: dict[str, list[Unit]] = {}
        for unit in part:
            value = unit.get(segment) if isinstance(unit, Mapping) else None
            by_value.setdefault("(missing)" if value is None else str(value), []).append(unit)
        yield from by_value.items()
        return
    from confkit.analysis.columns import arrow

    column = arrow(part[segment], segment)
    for value in column.unique().to_pylist():
        mask = _equal(column, value)
        yield (
            "(missing)" if value is None else str(value),
            {name: arrow(held, name).filter(mask) for name, held in part.items()},
        )


def _equal(column: Any, value: object) -> Any:
    from pyarrow import compute

    return compute.is_null(column) if value is None else compute.equal(column, value)
