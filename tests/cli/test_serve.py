"""``confkit serve``."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

SETTINGS = """
from dataclasses import dataclass

@dataclass(frozen=True)
class Settings:
    name: str = "shop"
"""


@contextmanager
def serving(place: Path, *argv: str) -> Iterator[tuple[Callable[..., int], subprocess.Popen[str]]]:
    (place / "shop_settings.py").write_text(SETTINGS)
    (place / "config.yaml").write_text("name: one\n")
    (place / "flags.yaml").write_text("a: true\n")
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    process = subprocess.Popen(
        [sys.executable, "-m", "confkit", "serve", *argv],
        cwd=place, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        url = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
        assert url, process.communicate(timeout=30)
        token = process.stdout.readline().split()[1]

        def ask(path: str, body: object = None, method: str | None = None) -> int:
            data = None if body is None else json.dumps(body).encode()
            request = urllib.request.Request(url[0] + path, data, method=method)
            request.add_header("Authorization", f"Bearer {token}")
            request.add_header("Content-Type", "application/json")
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:
                    return int(answer.status)
            except urllib.error.HTTPError as error:
                error.close()
                return error.code

        yield ask, process
    finally:
        process.kill()
        process.communicate(timeout=30)


BOTH = ("--settings", "shop_settings:Settings", "--store", "file:flags.yaml")


def test_settings_and_flags_by_a_token_that_is_printed_once(tmp_path):
    with serving(tmp_path, *BOTH) as (ask, process):
        assert [ask(path) for path in ("/", "/config", "/feature-flags", "/audit")] == [200] * 4
        assert ask("/config", {"name": "two"}) == 200
        assert (tmp_path / "config.local.yaml").read_text() == "name: two\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0
        out, err = process.communicate(timeout=30)
        assert (out.strip(), err) == ("", "")


def test_read_only(tmp_path):
    with serving(tmp_path, *BOTH, "--read-only") as (ask, _):
        assert ask("/config") == 200
        assert ask("/config", {"name": "two"}) == 403
        assert ask("/feature-flags/a", {"enabled": False}) == 403


def test_an_edit_of_a_file_is_seen(tmp_path):
    with serving(tmp_path, *BOTH) as (ask, _):
        assert ask("/feature-flags/b") == 404
        (tmp_path / "flags.yaml").write_text("a: true\nb: true\n")
        end = time.monotonic() + 30
        while ask("/feature-flags/b") != 200 and time.monotonic() < end:
            time.sleep(0.1)
        assert ask("/feature-flags/b") == 200


def test_flags_alone(tmp_path):
    with serving(tmp_path, "--store", "file:flags.yaml") as (ask, _):
        assert (ask("/feature-flags"), ask("/config")) == (200, 404)


@pytest.mark.parametrize(
    ("argv", "part"),
    [
        ((), "nothing to serve"),
        (("--store", "file:missing.yaml"), "no such file"),
        (("--settings", "nope:Settings"), "cannot be imported"),
        (("--port", "99999"), "99999"),
    ],
)
def test_what_cannot_be_served_is_named(tmp_path, monkeypatch, capsys, argv, part):
    from confkit.cli import main

    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CONFKIT_FLAGS_URL", raising=False)
    assert main(["serve", *argv]) != 0
    printed = capsys.readouterr()
    assert part in printed.out + printed.err
