"""Writers that are killed, race, or meet a human's edit."""

from __future__ import annotations

import multiprocessing
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from confkit.errors import FileChanged
from confkit.writeback.file import edit_file, fingerprint
from tests.sizes import sized

pytestmark = pytest.mark.slow

WRITER = """
import sys
from pathlib import Path
from confkit.writeback.file import edit_file
path = Path(sys.argv[1])
print("ready", flush=True)
number = 0
while True:
    number += 1
    edit_file(path, {("generation", "first"): number, ("generation", "last"): number})
"""


def test_a_writer_killed_at_any_moment_leaves_the_old_text_or_the_new(tmp_path):
    """F14: 300 kills; the ballast makes the window of the write wide."""
    path = tmp_path / "config.local.yaml"
    ballast = "".join(f"key{n}: {'x' * 60} # a comment\n" for n in range(1000))
    path.write_text("generation:\n  first: 0\n  last: 0\n" + ballast)
    chance = random.Random(14)
    for _ in range(sized(300, 4) // 4):
        writers = [
            subprocess.Popen(
                [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True
            )
            for _ in range(4)
        ]
        for writer in writers:
            assert writer.stdout is not None
            assert writer.stdout.readline() == "ready\n"
        for writer in writers:
            time.sleep(chance.uniform(0, 0.02))
            writer.send_signal(signal.SIGKILL)
            writer.communicate()
            text = path.read_text()
            found = yaml.load(text, Loader=yaml.CSafeLoader)["generation"]
            assert found["first"] == found["last"]
            assert text.endswith(ballast)
    edit_file(path, {("generation", "first"): -1})
    assert [p.name for p in tmp_path.iterdir() if p.name.endswith(".tmp")] == []


def _count(path: str, times: int) -> None:
    file = Path(path)
    done = 0
    while done < times:
        before = fingerprint(file)
        number = int(file.read_text().partition(":")[2])
        try:
            edit_file(file, {("count",): number + 1}, expect=before)
        except FileChanged:
            continue
        done += 1


def test_no_update_of_racing_writers_is_lost(tmp_path):
    """F16: 8 processes, 60 read-modify-writes each."""
    path = tmp_path / "config.local.yaml"
    path.write_text("count: 0\n")
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_count, args=(str(path), 60)) for _ in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
    assert path.read_text() == "count: 480\n"


def test_a_full_disk_keeps_the_old_bytes(tmp_path):
    """F15 on a real file system of 64 kB, in a mount namespace of its own."""
    code = f"""
import os, subprocess, sys
from pathlib import Path
from confkit.errors import NotWritable
from confkit.writeback.file import edit_file
root = Path({str(tmp_path / "small")!r})
root.mkdir()
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(root)], check=True)
path = root / "config.local.yaml"
path.write_text("a: 1\\n")
(root / "ballast").write_bytes(b"x" * 48_000)
try:
    edit_file(path, {{("a",): "y" * 40_000}})
except NotWritable as error:
    print(error, path.read_text() == "a: 1\\n", sorted(os.listdir(root)))
"""
    done = subprocess.run(
        ["unshare", "-rm", sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    if "ermi" in done.stderr:
        pytest.skip("mounting is not permitted here")
    assert "No space left" in done.stdout, done.stderr
    assert "True ['ballast', 'config.local.yaml', 'config.local.yaml.lock']" in done.stdout
    assert (tmp_path / "small").is_dir()
