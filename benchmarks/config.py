"""How fast the configuration is, as ratios to a floor and beside its peers, in one run.

Every row is interleaved: each round times every contender once, in turning order, and a ratio is
the median of the ratios of the rounds. What was loaded is compared with what should have been
before anything is timed. ``--json`` is for machines; ``--check`` exits 1 when a bar is missed.
"""

from __future__ import annotations

import argparse
import dataclasses
import gc
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from benchmarks.config_scale import in_yaml, layered, overridden
from benchmarks.peers import CONTENDERS, LARGE, SHAPES, SMALL, in_environment, in_file, variables

PEERS = [name for name in CONTENDERS if name not in ("floor", "confkit")]
READERS = [name for name in PEERS if name != "environs"]  # those that read files
Timed = Callable[[], float]
#: A row before it is measured: name, bar, peers to be ahead of, what is timed, rounds.
Planned = tuple[str, float | None, list[str], dict[str, Timed], int]
#: Where fresh interpreters keep their bytecode: the round that warms up writes it.
BYTECODE = tempfile.TemporaryDirectory(prefix="bytecode-")


IMPORTS = {"floor": "import dataclasses", "confkit": "from confkit import load"}


class Row(NamedTuple):
    """One line of the table: the seconds of every round, by contender."""

    name: str
    bar: float | None
    #: the peers that confkit has to be ahead of
    ahead: list[str]
    seconds: Mapping[str, list[float]]

    def ratio(self, name: str, to: str = "floor") -> float:
        rounds = zip(self.seconds[name], self.seconds[to], strict=True)
        return statistics.median(mine / floor for mine, floor in rounds)

    def missed(self) -> list[str]:
        found = []
        if self.bar is not None and self.ratio("confkit") > self.bar:
            found.append(f"{self.name}: {self.ratio('confkit'):.2f}x, the bar is {self.bar}x")
        found += [
            f"{self.name}: {peer} is faster"
            for peer in self.ahead
            if self.ratio("confkit", to=peer) >= 1
        ]
        return found


def interleaved(timed: Mapping[str, Timed], rounds: int) -> dict[str, list[float]]:
    seconds: dict[str, list[float]] = {name: [] for name in timed}
    names = list(timed)
    for turn in range(rounds + 1):
        for name in names:
            taken = timed[name]()
            if turn:  # the first round warms up
                seconds[name].append(taken)
        names.append(names.pop(0))
    return seconds


def times(call: Callable[[], object], loops: int = 1) -> Timed:
    """Seconds per call; with the collector on, since what is allocated has to be collected."""

    def timed() -> float:
        gc.collect()
        start = time.perf_counter()
        for _ in range(loops):
            call()
        return (time.perf_counter() - start) / loops

    return timed


def imports(statement: str) -> Timed:
    """Seconds of a statement in a fresh interpreter, without those that its own start takes."""
    return fresh(
        "-c", f"import time\ns = time.perf_counter()\n{statement}\nprint(time.perf_counter() - s)"
    )


def fresh(*words: str) -> Timed:
    """Seconds that a fresh interpreter prints; its bytecode is there, as after an installation."""
    command = [sys.executable, *words]

    def timed() -> float:
        environ = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        environ["PYTHONPYCACHEPREFIX"] = BYTECODE.name
        done = subprocess.run(command, env=environ, check=True, stdout=subprocess.PIPE)
        return float(done.stdout)

    return timed


def reads(settings: Any, path: str) -> Timed:
    """Seconds of one read of a local name's attributes, without the loop around it."""
    body = f"settings.{path};" * 100
    code = compile(
        "def timed():\n"
        "    settings, start = given, clock()\n"
        f"    for _ in range(repeat): {body}\n"
        "    return (clock() - start) / repeat / 100\n",
        "read",
        "exec",
    )
    start = time.perf_counter()
    eval(f"given.{path}", {"given": settings})
    slow = time.perf_counter() - start > 5e-6
    space = {"given": settings, "clock": time.perf_counter, "repeat": 10 if slow else 2000}
    exec(code, space)
    return space["timed"]


def expected(shape: Mapping[str, Any], name: str) -> dict[str, Any]:
    """What has to come out: the file over the defaults, and the environment over both."""
    below = shape if name == "environs" else in_file(shape)
    above = in_environment(shape)
    return {k: {**v, **above.get(k, {})} if isinstance(v, dict) else v for k, v in below.items()}


def values(settings: Any, shape: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: values(getattr(settings, key), inner)
        if isinstance(inner, dict)
        else getattr(settings, key)
        for key, inner in shape.items()
    }


def loaders(shape: dict[str, Any], file: Path) -> dict[str, Callable[[], Any]]:
    """The function that loads, for every contender, its answer compared."""
    made = {}
    for name, contender in CONTENDERS.items():
        load = made[name] = contender(shape, file)
        settings = load().current if name == "confkit" else load()
        assert values(settings, shape) == expected(shape, name), name
    return made


def overriding(config: Any, plain: Any) -> dict[str, Timed]:
    """One key overridden, against ``dataclasses.replace`` of the same settings."""

    def replaced() -> object:
        return dataclasses.replace(
            plain, database=dataclasses.replace(plain.database, pool_size=20)
        )

    def overridden() -> None:
        with config.override({"database.pool_size": 20}):
            pass

    with config.override({"database.pool_size": 20}) as inside:
        assert inside.database.pool_size == 20
    assert config.current.database.pool_size == 42
    return {"floor": times(replaced, 2000), "confkit": times(overridden, 200)}


def cold(file: Path, checked: str) -> dict[str, Timed]:
    """The whole program, started anew each time."""
    script = str(Path(__file__).with_name("peers.py"))
    return {name: fresh(script, name, "small", str(file), checked) for name in CONTENDERS}


def measure(directory: Path, scale: float) -> list[Row]:
    files = {}
    for name, shape in SHAPES.items():
        os.environ.update(variables(shape))
        files[name] = directory / f"{name}.yaml"
        files[name].write_text(yaml.safe_dump(in_file(shape), sort_keys=False))
    small, large = loaders(SMALL, files["small"]), loaders(LARGE, files["large"])
    loaded = {name: load() for name, load in small.items() if name != "environs"}
    config, plain = loaded["confkit"], loaded["floor"]

    read = {n: reads(s, "database.pool_size") for n, s in loaded.items() if n != "confkit"}
    read["confkit"] = reads(config, "current.database.pool_size")
    no_files = {name: load for name, load in small.items() if name != "environs"}
    rows: list[Planned] = [
        (
            "`import confkit`, floor `import dataclasses`",
            2.0,
            [],
            {"floor": imports("import dataclasses"), "confkit": imports("import confkit")},
            21,
        ),
        (
            "`from confkit import load`, same floor",
            None,
            [],
            {n: imports(s) for n, s in IMPORTS.items()},
            21,
        ),
        ("cold start, 23 leaves, types", None, PEERS, cold(files["small"], "types"), 15),
        ("cold start, 23 leaves, ranges", None, READERS, cold(files["small"], "ranges"), 15),
        (
            "load 23 leaves",
            2.8,
            READERS,
            {n: times(load, 5) for n, load in no_files.items()},
            31,
        ),
        (
            "load 2,000 leaves",
            2.5,
            READERS,
            {n: times(load) for n, load in large.items() if n != "environs"},
            9,
        ),
        ("read one leaf", 1.8, [n for n in READERS if n != "typed-settings"], read, 31),
        (
            "override one key, checked; floor `replace`",
            40.0,
            [],
            overriding(config, plain),
            31,
        ),
        *growing(directory),
    ]
    return [
        Row(name, bar, ahead, interleaved(timed, max(3, round(number * scale))))
        for name, bar, ahead, timed, number in rows
    ]


def growing(directory: Path) -> list[Planned]:
    """Rows whose floor is a small case of the same work."""
    small, large = layered(24, 2, 6)(), layered(1000, 10)()
    good, wrong = in_yaml(directory, 10_000, "1"), in_yaml(directory, 10_000, "x")
    assert good() == 0 < wrong()
    return [
        (
            "override, 1,000 leaves x 10 layers; floor 24 x 2",
            3.0,
            [],
            {"floor": times(overridden(small), 200), "confkit": times(overridden(large), 200)},
            31,
        ),
        (
            "load 10,000 leaves, all wrong, report printed; floor all right",
            3.0,
            [],
            {"floor": times(good), "confkit": times(wrong)},
            5,
        ),
        (
            "load 1,000 leaves x 50 layers; floor 2 layers",
            8.0,
            [],
            {"floor": times(layered(1000, 2)), "confkit": times(layered(1000, 50))},
            9,
        ),
    ]


def spelled(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"


def times_floor(ratio: float) -> str:
    return f"{ratio:,.0f}x" if ratio >= 100 else f"{ratio:.3g}x"


def table(rows: list[Row]) -> str:
    lines = [["", "floor", "**confkit**", "bar", *PEERS]]
    lines.append([":--", *["--:"] * (len(lines[0]) - 1)])
    for row in rows:
        ratios = {name: times_floor(row.ratio(name)) for name in row.seconds}
        floor = spelled(statistics.median(row.seconds["floor"]))
        bar = f"{row.bar:g}x" if row.bar else ""
        peers = [ratios.get(peer, "") for peer in PEERS]
        lines.append([row.name, floor, f"**{ratios['confkit']}**", bar, *peers])
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print medians and ratios as JSON")
    parser.add_argument("--check", action="store_true", help="exit 1 when a bar is missed")
    parser.add_argument("--scale", type=float, default=1, help="times as many rounds (default: 1)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        rows = measure(Path(directory), options.scale)
    missed = [line for row in rows for line in row.missed()]
    if options.json:
        document = [
            {
                "row": row.name,
                "bar": row.bar,
                "seconds": {name: statistics.median(s) for name, s in row.seconds.items()},
                "ratios": {name: row.ratio(name) for name in row.seconds},
            }
            for row in rows
        ]
        print(json.dumps({"rows": document, "missed": missed}, indent=2))
    else:
        print(table(rows))
        print("", *(missed or ["every bar holds"]), sep="\n")
    return 1 if options.check and missed else 0


if __name__ == "__main__":
    sys.exit(main())
