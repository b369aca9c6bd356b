"""Flag files under real editors, readers and writers, each in a process of its own."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from confkit.bucket import bucket
from confkit.flags import Flags
from confkit.flags.stores.file import FileStore
from tests.faults.conftest import until

pytestmark = pytest.mark.slow

UNITS = 200
HEAD = "share:\n  enabled: true\n"
SHARE = "  percentage: {}\n"

READER = """
import json, sys, time
from confkit.bucket import bucket
from confkit.flags import Flags
from confkit.flags.stores.file import FileStore

with Flags(FileStore(sys.argv[1]), poll=0.05) as flags:
    last = None
    while True:
        on = sum(flags.enabled("share", str(n)) for n in range(int(sys.argv[2])))
        now = [on, sorted(flags.view.flags), flags.status.healthy]
        if now != last:
            print(json.dumps(now), flush=True)
            last = now
        time.sleep(0.005)
"""


class Reading:
    """A reader in a process of its own: all that it saw, in order."""

    def __init__(self, path: Path, log: Path) -> None:
        self._log = log
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-c", READER, str(path), str(UNITS)], stdout=out
            )

    def seen(self) -> list[Any]:
        """All that it saw until now: who is on, the names of the flags, whether all is well."""
        lines = self._log.read_text().split("\n")[:-1]
        return list(map(json.loads, lines))

    def until(self, *wanted: Any) -> None:
        """Wait until it sees ``wanted``."""
        until(lambda: self.seen()[-1:] == [list(wanted)], 30)

    def end(self) -> None:
        self.process.kill()
        self.process.wait(10)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "flags.yaml"
    file.write_text(HEAD + SHARE.format(5) + "".join(f"f{n}: true\n" for n in range(20)))
    return file


@pytest.fixture
def readers(path: Path, tmp_path: Path) -> Iterator[list[Reading]]:
    with ExitStack() as closing:
        made = []
        for number in range(2):
            made.append(Reading(path, tmp_path / f"seen-{number}"))
            closing.callback(made[-1].end)
        for reading in made:
            until(lambda reading=reading: [line for line in reading.seen() if line[2]], 30)
        yield made


def test_a_file_that_is_written_in_parts_is_never_seen_in_parts(
    path: Path, readers: list[Reading]
) -> None:
    """The percentage comes 1.4 s after ``enabled: true``, and the other flags after that."""
    before, names, _ = readers[0].seen()[-1]
    rest = "".join(f"f{n}: true\n" for n in range(20))
    with path.open("w") as file:
        for part, wait in ((HEAD, 1.4), (SHARE.format(6), 0.5), (rest, 0.0)):
            file.write(part)
            file.flush()
            time.sleep(wait)
    after = sum(bucket("share", str(n)) < 6_000 for n in range(UNITS))
    assert before < after
    for reading in readers:
        reading.until(after, names, True)
        assert {on for on, _, _ in reading.seen()} == {before, after}, "never on for others"
        assert all(there == names for _, there, _ in reading.seen())


def test_a_shrunken_file_waits_in_every_process_for_somebody_to_confirm(
    path: Path, readers: list[Reading]
) -> None:
    on, names, _ = readers[0].seen()[-1]
    path.write_text(HEAD + SHARE.format(5))
    for reading in readers:
        reading.until(on, names, False)
    done = subprocess.run(
        [sys.executable, "-m", "confkit", "flags", "confirm", "--yes", "--store", f"file:{path}"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    for reading in readers:
        reading.until(on, ["share"], True)
        assert len(reading.seen()) == 3


def test_what_writers_were_told_is_written_survives_their_kills(path: Path) -> None:
    program = textwrap.dedent("""
        import sys
        from confkit.bucket import bucket
from confkit.flags import Flags
        from confkit.flags.stores.file import FileStore

        flags = Flags(FileStore(sys.argv[1], settle=0), background=False)
        for number in range(1, 10_000):
            made = flags.set(sys.argv[2], percentage=number % 100)
            print(made.revision, flush=True)
    """)
    acknowledged = []
    for round_ in range(3):
        writers = [
            subprocess.Popen(
                [sys.executable, "-c", program, str(path), f"f{n}"],
                stdout=subprocess.PIPE,
                text=True,
            )
            for n in range(2)
        ]
        for number, writer in enumerate(writers):
            assert writer.stdout is not None
            for _ in range(10 + round_ * number):
                writer.stdout.readline()
            writer.kill()
        for number, writer in enumerate(writers):
            out, _ = writer.communicate(timeout=10)
            whole = out.split("\n")[:-1]
            acknowledged += [(f"f{number}", int(line)) for line in whole if line]
    store = FileStore(path, settle=0)
    there = store.read()
    assert there is not None
    assert not [flag for flag in there.flags.values() if flag.error]
    for name, revision in acknowledged:
        assert there.flags[name].revision >= revision
        records = store.history(name, limit=10_000)
        assert all(a.old == b.new for a, b in itertools.pairwise(records)), "no step is missing"
        assert records[0].new == there.flags[name].document, "journal and file agree"


def test_a_directory_that_is_replaced_under_readers_is_followed(tmp_path: Path) -> None:
    """A deployment renames directories: the path leads to another file, whole at once."""
    current, new = tmp_path / "current", tmp_path / "new"
    for place, rule in ((current, "true"), (new, "false")):
        place.mkdir()
        (place / "flags.yaml").write_text(f"a: {rule}\n")
    with Flags(FileStore(current / "flags.yaml"), poll=0.1) as flags:
        assert flags.enabled("a")
        current.rename(tmp_path / "old")
        new.rename(current)
        until(lambda: not flags.enabled("a"))
        assert flags.status.healthy
