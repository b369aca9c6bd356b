"""Populations in files, read batch by batch in bounded memory: Parquet, CSV, ids one a line.

In CSV every column is text, so that ``007`` stays ``007``; an empty cell is missing, ``""`` is an
empty text. A query runs in DuckDB, over files or a database of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from confkit.errors import InvalidPopulation, MissingExtra

try:
    import pyarrow as pa
    from pyarrow import csv, parquet
except ImportError:
    raise MissingExtra("pyarrow", "analysis") from None

#: Rows that are in memory at once.
ROWS = 1 << 16
#: Bytes of a CSV file that are read at once.
BLOCK = 1 << 22
#: Endings of the files that are read as columns; all others hold one id a line.
COLUMNS = (".parquet", ".pq", ".csv")


@dataclass(frozen=True, slots=True)
class Population:
    """Units to come: the names of their columns, and a function that reads them from the start.

    ``columns`` is empty for plain ids. ``rows`` is how many there are, None where that is not
    known before they are read; ``synthetic`` says that they are made up.
    """

    source: str
    columns: tuple[str, ...]
    read: Callable[[Sequence[str]], Iterator[Any]]
    rows: int | None = None
    synthetic: bool = False

    def batches(self, wanted: Sequence[str], unit: str) -> Iterator[dict[str, Any]]:
        """The columns ``wanted``, batch by batch; plain ids are the column ``unit``.

        :raises confkit.InvalidPopulation: when a file cannot be read as what its name says.
        """
        try:
            for batch in self.read(wanted if self.columns else ()):
                names = batch.schema.names if self.columns else (unit,)
                yield dict(zip(names, batch.columns, strict=True))
        except (pa.ArrowException, UnicodeDecodeError) as error:
            raise InvalidPopulation(f"{self.source}: {error}") from None


def population(path: Path) -> Population:
    """The units in a file, by its ending: ``.parquet``, ``.csv``, or ids one a line.

    :raises confkit.InvalidPopulation: when it cannot be read as what its name says.
    """
    try:
        if path.suffix in (".parquet", ".pq"):
            return _parquet(path)
        if path.suffix == ".csv":
            return _csv(path)
    except (pa.ArrowException, OSError) as error:
        raise InvalidPopulation(f"{path}: {error}") from None
    return Population(str(path), (), lambda _: _lines(path))


def _parquet(path: Path) -> Population:
    with parquet.ParquetFile(path) as file:
        names, rows = file.schema_arrow.names, file.metadata.num_rows

    def read(wanted: Sequence[str]) -> Iterator[Any]:
        # Buffering ahead would hold whole row groups: eight times the memory.
        with parquet.ParquetFile(path, pre_buffer=False) as file:
            count = 0
            for batch in file.iter_batches(ROWS, columns=list(wanted), use_threads=False):
                count += 1
                yield batch
            if not count:
                yield file.schema_arrow.empty_table().select(list(wanted)).combine_chunks()

    return Population(str(path), tuple(names), read, rows)


def _csv(path: Path) -> Population:
    block = csv.ReadOptions(block_size=BLOCK, use_threads=False)
    with csv.open_csv(path, block) as reader:
        names = reader.schema.names
    if len(set(names)) < len(names):
        raise InvalidPopulation(f"{path}: two columns have the same name")

    def read(wanted: Sequence[str]) -> Iterator[Any]:
        options = csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            include_columns=list(wanted),
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            null_values=[""],
        )
        parse = csv.ParseOptions(newlines_in_values=True)
        with csv.open_csv(path, block, parse, options) as reader:
            count = 0
            for batch in reader:
                count += 1
                yield batch
            if not count:
                yield reader.schema.empty_table().combine_chunks()

    return Population(str(path), tuple(names), read)


def _lines(path: Path) -> Iterator[Any]:
    """Ids one a line; empty lines are none, and the mark at the head of a file is no part of one.

    Read as bytes: an id may hold characters at which Python would part a text into lines.
    """
    with path.open("rb") as file:
        ids: list[str] = []
        for number, line in enumerate(file):
            try:
                unit = line.decode("utf-8" if number else "utf-8-sig").rstrip("\r\n")
            except UnicodeDecodeError:
                raise InvalidPopulation(f"{path}: line {number + 1} is not UTF-8") from None
            if unit:
                ids.append(unit)
            if len(ids) == ROWS:
                yield pa.record_batch([pa.array(ids, pa.string())], ["id"])
                ids = []
        yield pa.record_batch([pa.array(ids, pa.string())], ["id"])


def synthetic(count: int) -> Population:
    """Made-up units: ``user-1`` to ``user-count``."""

    def read(_: Sequence[str]) -> Iterator[Any]:
        for start in range(1, count + 1, ROWS):
            ids = [f"user-{n}" for n in range(start, min(start + ROWS, count + 1))]
            yield pa.record_batch([pa.array(ids, pa.string())], ["id"])

    return Population(f"{count:,} made-up ids", (), read, count, synthetic=True)


def query(text: str) -> Population:
    """The rows of a query in DuckDB, such as ``SELECT user_id, country FROM 'users/*.parquet'``.

    :raises confkit.MissingExtra: without DuckDB.
    :raises confkit.InvalidPopulation: when DuckDB refuses the query.
    """
    try:
        import duckdb
    except ImportError:
        raise MissingExtra("duckdb", "duckdb") from None
    try:
        with duckdb.connect() as connection:
            names = tuple(connection.sql(text).columns)
    except duckdb.Error as error:
        raise InvalidPopulation(f"query: {error}") from None

    def read(_: Sequence[str]) -> Iterator[Any]:
        try:
            with duckdb.connect() as connection:
                yield from connection.sql(text).to_arrow_reader(ROWS)
        except duckdb.Error as error:
            raise InvalidPopulation(f"query: {error}") from None

    return Population("query", names, read)
