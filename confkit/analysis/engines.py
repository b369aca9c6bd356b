"""The same assignment by the SQL of several engines on this machine, compared with Python's.

An engine that is not installed is named and left out. PostgreSQL is a server of our own, on a
socket in a temporary directory; Spark and ClickHouse run inside this process.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from confkit.analysis.population import population
from confkit.analysis.presentation import Presented
from confkit.errors import InvalidPopulation
from confkit.flags.rules.evaluation import Compiled
from confkit.flags.rules.model import Rule
from confkit.flags.rules.sql import flag_sql


@dataclass(frozen=True, slots=True)
class EngineAnswer:
    """What one engine counted.

    ``units`` have an id, ``on`` of them are on, ``buckets`` is the sum of all buckets; ``missing``
    says why an engine was left out.
    """

    engine: str
    units: int = 0
    on: int = 0
    buckets: int = 0
    seconds: float = 0.0
    missing: str = ""

    @property
    def counts(self) -> tuple[int, int, int]:
        """What has to be the same in every engine."""
        return self.units, self.on, self.buckets


@dataclass(frozen=True, slots=True)
class Engines(Presented):
    """The answers of all engines; Python's is the first."""

    rule: Rule
    answers: tuple[EngineAnswer, ...]

    @property
    def ran(self) -> tuple[EngineAnswer, ...]:
        """Those that are installed here."""
        return tuple(one for one in self.answers if not one.missing)

    @property
    def agree(self) -> bool:
        """Whether every engine that ran counted the same."""
        return len({one.counts for one in self.ran}) == 1

    @property
    def headline(self) -> str:
        """Whether they agree, and over how many units."""
        state = "agree" if self.agree else "DO NOT agree"
        return f"{self.rule.name}: {len(self.ran)} engines {state} on {self.ran[0].units:,} units"

    @property
    def columns(self) -> Sequence[str]:
        """The heads of the columns."""
        return ("engine", "units", "on", "sum of buckets", "seconds")

    @property
    def rows(self) -> list[Sequence[str]]:
        """One row an engine."""
        return [
            (one.engine, one.missing, "", "", "")
            if one.missing
            else (
                one.engine,
                f"{one.units:,}",
                f"{one.on:,}",
                f"{one.buckets:,}",
                f"{one.seconds:.1f}",
            )
            for one in self.answers
        ]


def compare_engines(rule: Rule, file: Path, engines: Sequence[str] | None = None) -> Engines:
    """Assign every unit of a Parquet file in every engine, and compare the counts.

    :param file: has a column that is called as the rule's unit, and those of its conditions.
    :param engines: some of ``duckdb``, ``clickhouse``, ``postgresql`` and ``spark``; None for all.
    :raises ValueError: for an engine that does not exist.
    :raises confkit.NoSql: for a rule that does not translate.
    """
    wanted = list(_ENGINES) if engines is None else list(engines)
    if unknown := [name for name in wanted if name not in _ENGINES]:
        raise ValueError(f"no engine is called {unknown[0]!r}; there are {', '.join(_ENGINES)}")
    answers = [_timed("Python", lambda: _python(rule, file))]
    for name in wanted:
        query = _query(rule, name)
        ask = _ENGINES[name]
        answers.append(_timed(name, lambda ask=ask, query=query: ask(query, file)))  # type: ignore[misc]
    return Engines(rule, tuple(answers))


class _Absent(Exception):
    """The engine is not installed; the text says what to install."""


def _timed(name: str, ask: Callable[[], Sequence[Any]]) -> EngineAnswer:
    begun = time.perf_counter()
    try:
        units, on, buckets = ask()
    except (ImportError, _Absent) as error:
        said = f"not installed: {error.name}" if isinstance(error, ImportError) else str(error)
        return EngineAnswer(name, missing=said)
    seconds = time.perf_counter() - begun
    return EngineAnswer(name, int(units), int(on or 0), int(buckets or 0), seconds)


def _query(rule: Rule, dialect: str) -> str:
    found = flag_sql(rule, dialect)
    return (
        f"SELECT COUNT({rule.unit}) AS units, "  # noqa: S608 - made of a rule, checked
        f"SUM(CASE WHEN {found.predicate} THEN 1 ELSE 0 END) AS taken, "
        f"SUM({found.bucket}) AS buckets FROM users"
    )


def _python(rule: Rule, file: Path) -> Sequence[Any]:
    from confkit.analysis.columnwise import Batch, answers
    from confkit.analysis.counting import rollout_at
    from confkit.analysis.hashing import bucket_array

    flag, people = Compiled(rule), population(file)
    wanted = [rule.unit, *(c.attribute for c in rule.conditions)]
    units = on = buckets = 0
    for columns in people.batches(list(dict.fromkeys(wanted)), rule.unit):
        batch = Batch(columns)
        present = batch.present(rule.unit)
        rollout = rollout_at(rule)
        places = bucket_array(batch.words(rollout), rollout.scheme)
        units += int(present.sum())
        on += int((answers(flag, batch, {}).on & present).sum())
        buckets += int(places[present].sum(dtype="int64"))
    return units, on, buckets


def _duckdb(query: str, file: Path) -> Sequence[Any]:
    import duckdb

    with duckdb.connect() as connection:
        connection.from_parquet(str(file)).create_view("users")
        found = connection.execute(query).fetchone()
    assert found is not None
    return found


def _clickhouse(query: str, file: Path) -> Sequence[Any]:
    from chdb import session

    path = str(file.absolute()).replace("'", "''")
    view = f"CREATE VIEW shop.users AS SELECT * FROM file('{path}', Parquet)"  # noqa: S608
    make: Any = session.Session  # it has no types
    with (
        tempfile.TemporaryDirectory(prefix="confkit-clickhouse-") as place,
        make(place) as connection,
    ):
        for statement in ("CREATE DATABASE shop ENGINE = Atomic", view, "USE shop"):
            connection.query(statement)
        return str(connection.query(query, "TabSeparated")).split()


def _spark(query: str, file: Path) -> Sequence[Any]:
    from pyspark.sql import SparkSession

    if shutil.which("java") is None:
        raise _Absent("not installed: Java")
    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    for key in ("bindAddress", "host"):
        builder = builder.config(f"spark.driver.{key}", "127.0.0.1")
    found = builder.config("spark.log.level", "ERROR").getOrCreate()
    try:
        found.read.parquet(str(file.absolute())).createOrReplaceTempView("users")
        return tuple(found.sql(query).collect()[0])
    finally:
        found.stop()


def _postgresql(query: str, file: Path) -> Sequence[Any]:
    import duckdb

    with _server() as psql:
        with duckdb.connect() as connection:
            users = connection.from_parquet(str(file))
            names = [f'"{name}"' for name in users.columns]
            kinds = ("bigint" if "INT" in str(kind) else "text" for kind in users.types)
            fields = ", ".join(f"{n} {kind}" for n, kind in zip(names, kinds, strict=True))
            psql(f"CREATE TABLE users ({fields})", None)
            with tempfile.TemporaryDirectory(prefix="confkit-copy-") as place:
                copy = Path(place, "users.csv")
                users.write_csv(str(copy), header=False)
                with copy.open("rb") as rows:
                    psql("COPY users FROM STDIN (FORMAT csv)", rows)
        return psql(f"COPY ({query}) TO STDOUT", None).decode().split()


def _program(name: str) -> str:
    """A program of PostgreSQL; Debian keeps the server's apart from the path."""
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    found = shutil.which(name) or (str(debian[-1]) if debian else None)
    if found is None:
        raise _Absent("not installed: PostgreSQL")
    return found


@contextmanager
def _server() -> Iterator[Callable[[str, Any], bytes]]:
    """A server of PostgreSQL on a socket; gives what runs a command there."""
    initdb, control, client = (_program(name) for name in ("initdb", "pg_ctl", "psql"))
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    user: dict[str, Any] = {"user": "postgres", "group": "postgres"} if root else {}
    with tempfile.TemporaryDirectory(prefix="confkit-postgresql-") as made:
        place = Path(made)
        if root:  # it refuses to run as root
            try:
                shutil.chown(place, "postgres", "postgres")
            except LookupError:
                raise _Absent("not installed: PostgreSQL's user") from None

        def run(*words: str, stdin: Any = None) -> bytes:
            done = subprocess.run(  # noqa: S603 - programs and words of ours
                words, stdin=stdin, capture_output=True, cwd=place, check=False, **user
            )
            if done.returncode:
                raise InvalidPopulation(f"PostgreSQL: {done.stderr.decode(errors='replace')}")
            out: bytes = done.stdout
            return out

        data = str(place / "data")
        options = ("-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        run(initdb, "-D", data, *options)
        settings = f"-k {place} -c listen_addresses='' -c fsync=off"
        run(control, "-D", data, "-w", "-o", settings, "-l", str(place / "log"), "start")
        words = (client, "-X", "-q", "-h", str(place), "-U", "postgres", "-v", "ON_ERROR_STOP=1")
        try:
            yield lambda query, rows: run(*words, "-c", query, stdin=rows)
        finally:
            run(control, "-D", data, "-w", "-m", "immediate", "stop")


_ENGINES: dict[str, Callable[[str, Path], Sequence[Any]]] = {
    "duckdb": _duckdb,
    "clickhouse": _clickhouse,
    "postgresql": _postgresql,
    "spark": _spark,
}
