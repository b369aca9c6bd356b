"""confkit's own connections in tests: to this machine only, unless a test allows more.

A store that is left at its production URL, or a resolver that asks the real AWS, does not fail a
test by itself: confkit keeps its last good values. So the connection is refused, and the test is.
"""

from __future__ import annotations

import functools
import ipaddress
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pytest_confkit.owners import marker_names

MARKER = (
    "confkit_network(*hosts): let confkit connect to these hosts in the test; to any without hosts."
)
_ANY = "*"


class Network:
    """Refuses and reports names that confkit looks up in order to connect."""

    def __init__(self, allowed: list[str]) -> None:
        self._always = frozenset(_ANY if host == "allow" else host for host in allowed)
        self._allowed = self._always
        self._undo: list[Callable[[], None]] = []
        self._asyncio: Any = None
        self._refused: list[str] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        if _ANY in self._always:
            return
        # A name is looked up in another thread there, so that its caller cannot be seen.
        module = sys.modules.get("redis.asyncio.connection")
        if module is not None and module is not self._asyncio:
            self._asyncio = module
            self._guard_asyncio(module)
        self._allowed = self._always
        if "confkit_network" in marker_names(item):
            marks = item.iter_markers("confkit_network")
            hosts = {host for mark in marks for host in (mark.args or (_ANY,))}
            self._allowed = self._always | hosts

    def check(self) -> None:
        """Fail the test whose connections were refused."""
        if self._refused:
            lines = "".join(f"\n  {line}" for line in dict.fromkeys(self._refused))
            self._refused = []
            pytest.fail(
                f"confkit: connections that leave this machine were refused:{lines}\n"
                "use fake_redis or fake_aws, or allow it: @pytest.mark.confkit_network(host)",
                pytrace=False,
            )

    def pytest_unconfigure(self) -> None:
        for undo in self._undo:
            undo()
        self._undo = []

    def pytest_sessionstart(self) -> None:
        if _ANY in self._always:
            return
        import socket

        original = socket.getaddrinfo

        @functools.wraps(original)
        def getaddrinfo(host: Any, port: Any, *args: Any, **options: Any) -> Any:
            if isinstance(host, str) and (reason := self._reason(host, port)):
                raise socket.gaierror(socket.EAI_FAIL, reason)
            return original(host, port, *args, **options)

        self._replace(socket, "getaddrinfo", getaddrinfo, original)

    def _guard_asyncio(self, module: Any) -> None:
        original = module.Connection._connect  # noqa: SLF001 - where the socket is opened

        @functools.wraps(original)
        async def connect(connection: Any, *args: Any) -> Any:
            if reason := self._reason(connection.host, connection.port):
                raise OSError(reason)
            return await original(connection, *args)

        self._replace(module.Connection, "_connect", connect, original)

    def _replace(self, owner: Any, name: str, new: Any, original: Any) -> None:
        setattr(owner, name, new)
        self._undo.append(lambda: setattr(owner, name, original))

    def _reason(self, host: str, port: Any) -> str:
        """Why a connection is refused; empty where it is not."""
        if _ANY in self._allowed or host in self._allowed or loopback(host):
            return ""
        caller = confkit_caller()
        if caller is None:
            return ""  # somebody else's connection
        if _fake_redis_is_on() and _called_by("redis"):
            return ""  # redis-py looks names up that it then connects to nowhere
        self._refused.append(f"{host}:{port}, asked for by {caller}")
        return f"the test may not connect to {host}:{port}"


def _fake_redis_is_on() -> bool:
    module = sys.modules.get("confkit.testing.redis")
    return module is not None and module.in_force()


def _called_by(package: str) -> bool:
    frame: Any = sys._getframe(1)  # noqa: SLF001 - only for connections that leave the machine
    while frame is not None:
        if (frame.f_globals.get("__name__") or "").partition(".")[0] == package:
            return True
        frame = frame.f_back
    return False


def loopback(host: str) -> bool:
    """Whether a host is this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def confkit_caller() -> str | None:
    """Who asked confkit to connect, as ``file.py:31``, or its thread; None if confkit did not."""
    confkit = sys.modules.get("confkit")
    if confkit is None or confkit.__file__ is None:
        return None
    inside = str(Path(confkit.__file__).parent)
    testing = str(Path(inside, "testing"))
    frame: Any = sys._getframe(1)  # noqa: SLF001 - only for connections that leave the machine
    seen = False
    while frame is not None:
        file = frame.f_code.co_filename
        if file.startswith(inside) and not file.startswith(testing):
            seen = True
        elif seen and not file.endswith(("threading.py", "functools.py", "contextlib.py")):
            return f"{file}:{frame.f_lineno}"
        frame = frame.f_back
    if not seen:
        return None
    import threading

    return f"the thread {threading.current_thread().name}"
