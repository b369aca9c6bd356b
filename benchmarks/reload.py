"""How long a changed file takes to become the current settings, and what a running watch costs.

Latencies are beside the quiet time (0.1 s) or the poll that they contain; a read is beside the same
read without a watch. The bars: 1.3 x the quiet time with events, the poll + 0.3 s without, and 1.1
for a read.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from timeit import repeat

from confkit import Config, Environ, File, load
from confkit.watch import QUIET, Observer

POLL = 0.5


@dataclass(frozen=True)
class Settings:
    number: int = 0


def latencies(path: Path, config: Config[Settings], times: int) -> list[float]:
    """Seconds from the write of a file to the new snapshot."""
    found = []
    for number in range(1, times + 1):
        time.sleep(0.05)
        begun = time.perf_counter()
        path.write_text(f"number: {number}\n")
        while config.current.number != number:
            time.sleep(0.0002)
        found.append(time.perf_counter() - begun)
    return found


def read(config: Config[Settings]) -> float:
    """Seconds of one read, the best of many."""
    return min(repeat("config.current.number", globals={"config": config}, number=200_000)) / 2e5


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--json", action="store_true", help="print figures for machines")
    options.add_argument("--check", action="store_true", help="exit 1 when a bar is missed")
    given = options.parse_args()
    rows: list[tuple[str, float, float, float]] = []
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "config.yaml")
        path.write_text("number: 0\n")
        config = load(Settings, File(path), Environ(environ={}))
        alone = read(config)
        if Observer is not None:
            with config.watch():
                rows.append(("a read while a watch runs", read(config), alone, 1.1))
                found = statistics.median(latencies(path, config, 30))
                rows.append(("write to new snapshot, events", found, QUIET, 1.3))
        with config.watch(poll=POLL, events=False):
            found = max(latencies(path, config, 15))
            rows.append(("write to new snapshot, polling, worst", found, POLL + 0.3, 1.0))
    if given.json:
        print(
            json.dumps([{"row": r, "seconds": s, "ratio": s / f, "bar": b} for r, s, f, b in rows])
        )
    else:
        for row, seconds, floor, bar in rows:
            print(f"{row:40} {seconds * 1e3:12.6f} ms {seconds / floor:6.2f}x  bar {bar:g}x")
    if given.check and any(seconds / floor > bar for _, seconds, floor, bar in rows):
        sys.exit(1)


if __name__ == "__main__":
    main()
