"""How long an env file of 1,000 lines takes: the parser alone, reading, every check, mending.

Every figure is the best of seven runs in one process, beyond start-up, beside its ratio to
python-dotenv's parser on the same text. The bar is 50 ms for all checks with settings.
"""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import make_dataclass
from pathlib import Path

from dotenv.parser import parse_stream

from confkit.envcheck.checking import Checks, run
from confkit.envcheck.codes import CODES
from confkit.envcheck.envfile import EnvFile
from confkit.envcheck.fixes import fixed
from confkit.envcheck.options import Options
from confkit.schema.reading import read_schema
from confkit.sources.dotenv import DotEnv, parse

NAMES = [f"setting_{i:03}" for i in range(250)]
Settings = make_dataclass("Settings", [(name, str, "") for name in NAMES], frozen=True)
CLEAN = "".join(
    f"# About {name}\n{name.upper()}='two words'  # why\nOTHER_{i}=plain/value\n\n"
    for i, name in enumerate(NAMES)
)
FAULTY = "".join(
    f'# About {name} \n {name.upper()} = two words\nother-{i}="plain" \n\n'
    for i, name in enumerate(NAMES)
)


def best(call: Callable[[], object]) -> float:
    """The shortest of seven runs, in milliseconds."""
    times = []
    for _ in range(7):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times) * 1000


def main() -> None:
    assert CLEAN.count("\n") == FAULTY.count("\n") == 1000
    schema = read_schema(Settings)
    everything = Options(codes=frozenset(CODES))
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "bench.env")
        path.write_text(CLEAN)
        faulty = Path(directory, "faulty.env")
        faulty.write_text(FAULTY)
        checks = Checks(everything, [schema], environ={})
        rows: list[tuple[str, Callable[[], object]]] = [
            ("python-dotenv's parser", lambda: list(parse_stream(io.StringIO(CLEAN, newline="")))),
            ("parse, with places", lambda: parse(CLEAN)),
            ("DotEnv(path).read()", lambda: DotEnv(path).read()),
            ("check, clean file", lambda: run([path], everything, environ={})),
            ("check with 250 settings, clean file", lambda: run([path], everything, [schema])),
            (
                "check with 250 settings, 1,500 findings",
                lambda: run([faulty], everything, [schema]),
            ),
            ("mend 1,000 findings", lambda: fixed(EnvFile("x", FAULTY), checks.of)),
        ]
        floor = 0.0
        for name, call in rows:
            taken = best(call)
            floor = floor or taken
            print(f"{name:<42} {taken:8.1f} ms {taken / floor:6.1f} x")
        command = [sys.executable, "-m", "confkit", "env", "check", str(path)]
        empty = [sys.executable, "-c", "pass"]
        for name, words in (
            ("python -c pass", empty),
            ("confkit env check, whole process", command),
        ):
            taken = best(lambda words=words: subprocess.run(words, capture_output=True))
            print(f"{name:<42} {taken:8.1f} ms")


if __name__ == "__main__":
    main()
