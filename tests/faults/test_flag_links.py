"""The commands on a slow link: an operator far away works with the defaults."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from confkit.flags.redis.store import RedisStore
from tests.faults.conftest import fill
from tests.faults.proxy import FaultProxy

pytestmark = pytest.mark.slow

#: Seconds from a question to its answer.
ROUND_TRIP = 0.5


def run(url: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "confkit", "flags", *words, "--store", url],
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_every_command_works_by_default_at_half_a_second_a_round_trip(
    proxy: FaultProxy, writer: RedisStore
) -> None:
    fill(writer, 8)
    writer.write("f6", {"enabled": True, "percentage": 7}, expect=1, by="test", reason="")
    proxy.slow(ROUND_TRIP)
    commands = [
        ["list"],
        ["show", "f0"],
        ["history", "f0"],
        ["export"],
        ["disable", "f1"],
        ["set", "f2", "--percentage", "5"],
        ["delete", "f3", "--yes"],
        ["rollback", "f6", "1", "--yes"],
    ]
    with ThreadPoolExecutor(len(commands)) as pool:
        found = list(pool.map(lambda words: run(proxy.url, *words), commands))
    for words, done in zip(commands, found, strict=True):
        assert done.returncode == 0, (words, done.stderr)
    there = writer.read()
    assert there is not None
    documents = {name: dict(flag.document or {}) for name, flag in there.flags.items()}
    on = {"enabled": True}
    changed = {"f1": {"enabled": False}, "f2": {**on, "percentage": 5}, "f6": on}
    assert documents == {f"f{n}": on for n in (0, 4, 5, 7)} | changed


@pytest.mark.parametrize("way", ["option", "URL"])
def test_a_time_out_that_is_shorter_than_the_link_is_an_error(
    way: str, proxy: FaultProxy, writer: RedisStore
) -> None:
    fill(writer, 1)
    proxy.slow(ROUND_TRIP)
    short = ["--timeout", "0.1"] if way == "option" else []
    failed = run(proxy.url + ("" if short else "?socket_timeout=0.1"), "disable", "f0", *short)
    assert failed.returncode == 1
    assert proxy.url.removesuffix("/0") in failed.stderr, "the place is named"
    assert "Traceback" not in failed.stderr
    assert len(writer.history("f0")) == 1
