"""Buckets of millions of ids: the kernel beside the hashlib loop, DuckDB, polars, ClickHouse.

Ids a second on one thread, best of several runs, contestants taken in turn; each as a multiple of
the loop ``int.from_bytes(md5(...).digest()[:4])``. Before anything is timed all of them have to
give the same sum of buckets. ``copy`` moves the bytes of the ids once: nothing can be faster.
Then the statistics on 10 million ids beyond the hashing, a plan of 20 flags over a million ids,
and ``--stream`` UUIDs from Parquet to Parquet, with the peak of memory.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from hashlib import md5
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from confkit import Flags, MemoryStore, Rule
from confkit.analysis import assign, count, make_plan, overlap_of, percentage_ramp, sample_ratio
from confkit.analysis.columns import texts, units
from confkit.analysis.files import assign_file
from confkit.analysis.hashing import bucket_array, word_arrays
from confkit.analysis.population import population
from confkit.bucket import BUCKETS
from confkit.flags.rules.evaluation import Compiled
from confkit.flags.rules.rollout import Rollout
from confkit.flags.rules.sql_rollout import bucket as bucket_sql

SALT = "new-checkout"
ROLLOUT = Rollout(100, SALT)
Contestants = dict[str, Callable[[], int]]


def ids_of(kind: str, size: int) -> Any:
    """An Arrow column of ids."""
    made = random.Random(20261124)
    if kind == "uuid":
        return pa.array([str(uuid.UUID(int=made.getrandbits(128), version=4)) for _ in range(size)])
    return pa.array([str(made.randrange(10 ** made.randrange(1, 10))) for _ in range(size)])


def contestants(ids: Any) -> Contestants:
    """Each takes the ids as its engine keeps them and gives the sum of the buckets."""
    import chdb.session
    import duckdb
    import polars
    import polars_hash

    column, plain = units(texts(ids)), ids.to_pylist()
    session = chdb.session.Session()
    connection = duckdb.connect(config={"threads": 1})
    held = pa.table({"user_id": ids})
    connection.register("held", held)
    connection.execute("CREATE TABLE users AS SELECT * FROM held")
    frame = polars.from_arrow(held)
    session.query("CREATE DATABASE bench ENGINE = Atomic")
    session.query("CREATE TABLE bench.users (user_id String) ENGINE = Memory")
    with tempfile.NamedTemporaryFile(suffix=".parquet") as file:
        parquet.write_table(held, file.name)
        session.query(f"INSERT INTO bench.users SELECT * FROM file('{file.name}', Parquet)")
    duck = f"SELECT sum({bucket_sql(ROLLOUT, dialect='duckdb')}) FROM users"
    click = f"SELECT sum({bucket_sql(ROLLOUT, dialect='clickhouse')}) FROM bench.users"
    click += " SETTINGS max_threads = 1"

    def loop() -> int:
        prefix = f"{SALT}:"
        words = (
            int.from_bytes(md5((prefix + i).encode(), usedforsecurity=False).digest()[:4], "big")
            for i in plain
        )
        return sum((word * BUCKETS) >> 32 for word in words)

    def kernel() -> int:
        return int(bucket_array(word_arrays(ROLLOUT, column, words=1)).sum(dtype=np.int64))

    def polars_() -> int:
        payload = polars.concat_str(polars.lit(f"{SALT}:"), polars.col("user_id"))
        hex_ = payload.nchash.md5() if hasattr(payload, "nchash") else payload.chash.md5()
        word = hex_.str.slice(0, 8).str.to_integer(base=16, dtype=polars.Int64)
        return int(frame.select((word * BUCKETS // 2**32).sum()).item())

    def copy() -> int:
        for data, _ in column.parts:
            data.copy()
        return -1

    assert polars_hash  # registers its expressions
    return {
        "loop": loop,
        "kernel": kernel,
        "DuckDB": lambda: int(connection.execute(duck).fetchall()[0][0]),
        "polars-hash": polars_,
        "chdb": lambda: int(str(session.query(click, "CSV")).strip()),
        "copy": copy,
    }


def seconds(call: Callable[[], object]) -> float:
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


def speeds(kind: str, size: int, rounds: int) -> dict[str, float]:
    """Million ids a second by contestant."""
    found = contestants(ids_of(kind, size))
    sums = {name: call() for name, call in found.items() if name != "copy"}
    assert len(set(sums.values())) == 1, f"they disagree: {sums}"
    times: dict[str, list[float]] = {name: [] for name in found}
    for turn in range(rounds):
        order = list(found)
        for name in order[turn % len(order) :] + order[: turn % len(order)]:
            times[name].append(seconds(found[name]))
    return {name: size / min(taken) / 1e6 for name, taken in times.items()}


def statistics(size: int) -> dict[str, float]:
    """Seconds on so many ids: the hashing, and everything after it."""
    ids = ids_of("digits", size)
    rules = [
        Rule.from_document(
            name, {"enabled": True, "percentage": share, "variants": {"a": 50, "b": 50}}
        )
        for name, share in (("one", 10), ("two", 50))
    ]
    found = [assign(rule, ids) for rule in rules]
    segments = pa.array(np.arange(size) % 50)

    def judged() -> None:
        spread = found[0].distribution()
        sample_ratio(spread.variants, {"a": 50, "b": 50})
        found[0].segments(segments)
        overlap_of({one.name: one.on.to_numpy(zero_copy_only=False) for one in found})

    counts = count(SALT, ids)

    def looked_up() -> None:
        counts.uniformity(1000)
        for percentage in range(101):
            counts.share(percentage)
            percentage_ramp(counts, percentage, 50)

    return {
        "hashing": seconds(lambda: count(SALT, ids)),
        "statistics": min(seconds(judged) for _ in range(3)),
        "look-ups": min(seconds(looked_up) for _ in range(3)),
    }


def plan(size: int) -> dict[str, float]:
    """Seconds and megabytes of a plan of 20 flags over a file of ids, in this process."""
    documents = {
        f"flag-{n}": {
            "enabled": True,
            "percentage": 5,
            "conditions": [{"attribute": "country", "in": ["DE", "FR", "AT"]}] * (n % 2),
        }
        for n in range(20)
    }
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "users.parquet")
        country = pa.array(["DE", "FR", "US", "BR"]).take(pa.array(np.arange(size) % 4))
        parquet.write_table(pa.table({"user_id": ids_of("uuid", size), "country": country}), path)
        with Flags(MemoryStore(documents), background=False) as flags:
            changes: Any = {name: {"percentage": 25} for name in documents}
            taken = seconds(lambda: make_plan(flags, changes, population(path), segment="country"))
    return {"seconds": taken}


def stream(size: int, directory: str) -> dict[str, float]:
    """Million UUIDs a second from Parquet to Parquet."""
    source, out = Path(directory, "uuids.parquet"), Path(directory, "out.parquet")
    flag = Compiled(Rule.from_document(SALT, {"enabled": True, "percentage": 20}))
    taken = seconds(lambda: assign_file(flag, population(source), out))
    return {"million a second": size / taken / 1e6}


def write_uuids(size: int, directory: str) -> None:
    """A Parquet file of random UUIDs, written part by part."""
    generator = np.random.default_rng(1)
    schema = pa.schema([("user_id", pa.string())])
    with parquet.ParquetWriter(Path(directory, "uuids.parquet"), schema) as writer:
        for start in range(0, size, 1 << 17):
            part = min(1 << 17, size - start)
            text = generator.bytes(16 * part).hex()
            whole = [text[n : n + 32] for n in range(0, 32 * part, 32)]
            ids = [f"{t[:8]}-{t[8:12]}-{t[12:16]}-{t[16:20]}-{t[20:]}" for t in whole]
            writer.write_table(pa.table([pa.array(ids)], schema=schema))


def apart(*words: str) -> dict[str, float]:
    """A part of this benchmark in a fresh process, with the peak of its memory."""
    found = subprocess.run(
        [sys.executable, "-m", "benchmarks.rollout", *words],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return json.loads(found.stdout)  # type: ignore[no-any-return]


def alone(part: str, size: int, directory: str) -> int:
    """Run one part, print its figures and the peak of this process as JSON."""
    if part == "write":
        write_uuids(size, directory)
        figures: dict[str, float] = {}
    else:
        figures = plan(size) if part == "plan" else stream(size, directory)
    print(json.dumps({**figures, "MB": peak()}))
    return 0


def peak() -> float:
    """The most megabytes at once; getrusage would count those of the parent before exec."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("no VmHWM")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--size", type=float, default=2e6, help="ids of the comparison")
    parser.add_argument("--stream", type=float, default=1e7, help="UUIDs from file to file")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--part", choices=["plan", "stream", "write"], help=argparse.SUPPRESS)
    parser.add_argument("--directory", default="", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part:
        return alone(options.part, int(options.size), options.directory)
    os.environ.setdefault("POLARS_MAX_THREADS", "1")
    rows = {kind: speeds(kind, int(options.size), options.rounds) for kind in ("digits", "uuid")}
    judged = statistics(10_000_000)
    planned = apart("--part", "plan", "--size", "1e6")
    with tempfile.TemporaryDirectory() as directory:
        words = ("--size", str(options.stream), "--directory", directory)
        apart("--part", "write", *words)
        streamed = apart("--part", "stream", *words)
    targets = {
        "kernel >= 8 loops": all(row["kernel"] >= 8 * row["loop"] for row in rows.values()),
        "statistics on 10 million <= 2 s": judged["statistics"] + judged["look-ups"] <= 2,
        "plan of 20 flags x a million <= 10 s": planned["seconds"] <= 10,
        "plan <= 500 MB": planned["MB"] <= 500,
        "stream <= 500 MB": streamed["MB"] <= 500,
    }
    if options.json:
        figures = {"million ids a second": rows, "seconds": judged, "plan": planned}
        print(json.dumps({**figures, "stream": streamed, "targets": targets}, indent=2))
    else:
        for kind, row in rows.items():
            shown = (f"{name} {v:.2f} ({v / row['loop']:.1f}x)" for name, v in row.items())
            print(f"{kind:7}", "  ".join(shown))
        print("10 million ids:", ", ".join(f"{k} {v:.2f} s" for k, v in judged.items()))
        print(
            f"plan of 20 flags over a million: {planned['seconds']:.1f} s, {planned['MB']:.0f} MB"
        )
        print(f"{options.stream:.0e} UUIDs, file to file: {streamed}")
        for text, met in targets.items():
            print(f"{'met   ' if met else 'MISSED'}  {text}")
    return 0 if all(targets.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
