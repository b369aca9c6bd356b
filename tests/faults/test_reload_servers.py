"""Every worker of a web server sees a change of a file."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
import time
import urllib.request
from pathlib import Path

import pytest

from tests.faults.reloading import text, until

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("preload", [True, False])
def test_t3_every_worker_of_gunicorn_sees_a_change(tmp_path, preload):
    pytest.importorskip("gunicorn")
    path = tmp_path / "config.yaml"
    path.write_text(text(1))
    (tmp_path / "app.py").write_text(
        textwrap.dedent(f"""
            import os
            from confkit import Environ, File, load
            from tests.faults.reloading import Settings
            config = load(Settings, File({str(path)!r}), Environ(environ={{}}))
            watch = config.watch(poll=0.2)

            def app(environ, start_response):
                start_response("200 OK", [("Content-Type", "text/plain")])
                return [f"{{os.getpid()}} {{config.current.database.pool_size}}".encode()]
        """)
    )
    words = ["--workers", "2", "--bind", "127.0.0.1:0", "--pythonpath", f"{tmp_path},."]
    words += ["--preload"] if preload else []
    assert _seen_by_all(["gunicorn", *words, "app:app"], path, 2)


def test_t3_uvicorn_sees_a_change(tmp_path):
    pytest.importorskip("uvicorn")
    path = tmp_path / "config.yaml"
    path.write_text(text(1))
    (tmp_path / "app.py").write_text(
        textwrap.dedent(f"""
            import os
            from confkit import Environ, File, load
            from tests.faults.reloading import Settings
            config = load(Settings, File({str(path)!r}), Environ(environ={{}}))
            watch = config.watch(poll=0.2)

            async def app(scope, receive, send):
                if scope["type"] != "http":
                    return
                body = f"{{os.getpid()}} {{config.current.database.pool_size}}".encode()
                await send({{"type": "http.response.start", "status": 200, "headers": []}})
                await send({{"type": "http.response.body", "body": body}})
        """)
    )
    words = ["uvicorn", "--port", "0", "--app-dir", str(tmp_path), "--lifespan", "off", "app:app"]
    assert _seen_by_all(words, path, 1)


def _seen_by_all(words: list[str], path: Path, workers: int) -> bool:
    """Start a server, change the file, and ask until every worker has answered with the change."""
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join([".", str(path.parent)])}
    server = subprocess.Popen(
        [sys.executable, "-m", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environ,
    )
    try:
        assert server.stdout is not None
        port = None
        for line in server.stdout:
            if found := re.search(r"http://127\.0\.0\.1:(\d+)", line):
                port = int(found[1])
                break
        assert port, "the server did not start"

        def ask() -> tuple[str, str]:
            for _ in range(100):
                try:
                    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
                        pid, size = answer.read().decode().split()
                        return pid, size
                except OSError:
                    time.sleep(0.1)
            raise AssertionError("no answer")

        until(lambda: ask()[1] == "1", 20)
        path.write_text(text(2))
        seen: set[str] = set()
        end = time.monotonic() + 5
        while len(seen) < workers and time.monotonic() < end:
            pid, size = ask()
            if size == "2":
                seen.add(pid)
        return len(seen) == workers
    finally:
        server.terminate()
        server.communicate(timeout=10)
