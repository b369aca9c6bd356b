"""Starting the admin API in a real server, and asking it by sockets."""

from __future__ import annotations

import http.client
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

#: Of Ada, who may do everything.
TOKEN = "ada-0123456789-0123456789"
GUNICORN = ("gunicorn", "--bind", "127.0.0.1:0", "--pythonpath", ".")
COMMANDS = {
    "gunicorn": (*GUNICORN, "--workers", "1", "tests.faults.admin_app:wsgi"),
    "gthread": (*GUNICORN, "--workers", "1", "--threads", "4", "tests.faults.admin_app:wsgi"),
    "workers": (*GUNICORN, "--workers", "4", "tests.faults.admin_app:wsgi"),
    "uvicorn": ("uvicorn", "--port", "0", "tests.faults.admin_app:asgi"),
    "ofrep": ("uvicorn", "--port", "0", "tests.faults.admin_app:ofrep"),
}
#: Seconds after which a server that does not answer is taken for dead.
LIMIT = 30


class Running(NamedTuple):
    """A server that answers."""

    port: int
    root: Path
    process: subprocess.Popen[str]

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """One request on a connection of its own: status, headers, text."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=LIMIT)
        sent = {"Authorization": f"Bearer {TOKEN}"}
        if body is not None:
            sent["Content-Type"] = "application/json"
        sent.update({name.replace("_", "-"): value for name, value in headers.items()})
        try:
            data = None if body is None else json.dumps(body)
            connection.request(method, path, data, {k: v for k, v in sent.items() if v})
            found = connection.getresponse()
            names = {name.lower(): value for name, value in found.getheaders()}
            return found.status, names, found.read().decode()
        finally:
            connection.close()

    def raw(self, head: str, parts: Iterator[bytes]) -> int:
        """The status of the answer to a request that is written by hand."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=LIMIT) as peer:
            text = f"{head}\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n"
            peer.sendall((text + "Content-Type: application/json\r\n").encode())
            done = threading.Event()

            def send() -> None:
                try:
                    for part in parts:
                        if done.is_set():
                            return
                        peer.sendall(part)
                except OSError:  # the server closed: it does not want the rest
                    return

            thread = threading.Thread(target=send, daemon=True)
            thread.start()
            try:
                answer = peer.recv(64)
            except ConnectionResetError:  # closed with our data unread: the answer was lost
                answer = b""
            done.set()
            thread.join(LIMIT)
            return int(answer.split()[1]) if answer else 0


@contextmanager
def serving(kind: str, root: Path, **environ: str) -> Iterator[Running]:
    """A server of a kind, until the end of the block."""
    (root / "config.yaml").write_text("name: one\n")
    (root / "flags.yaml").write_text("checkout:\n  enabled: true\n  percentage: 25\n")
    process = subprocess.Popen(
        [sys.executable, "-m", *COMMANDS[kind]],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONPATH": ".", "ADMIN_ROOT": str(root), **environ},
    )
    said: list[str] = []
    reader = None
    try:
        assert process.stdout is not None
        port = 0
        for line in process.stdout:
            said.append(line)
            if found := re.search(r"http://127\.0\.0\.1:(\d+)", line):
                port = int(found[1])
                break
        assert port, "".join(said)
        # What a server prints is read, or it would block once the pipe is full.
        reader = threading.Thread(target=lambda: said.extend(process.stdout or ()), daemon=True)
        reader.start()
        running = Running(port, root, process)
        until(lambda: running.ask("GET", "/status")[0] in (200, 404))
        yield running
    finally:
        process.terminate()
        process.wait(timeout=LIMIT)
        if reader is not None:
            reader.join(LIMIT)
        if process.stdout is not None:
            process.stdout.close()
        (root / "said.txt").write_text("".join(said))


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        try:
            if true():
                return
        except OSError:
            pass
        time.sleep(0.05)
    raise AssertionError("it did not come")
