"""A proxy for all that is not on this machine: it refuses every request and notes it.

A browser sends requests of pages, workers and service workers, web sockets and its own to its
proxy; what goes to loopback it sends there directly.
"""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import urlsplit

#: What Chromium asks for by itself, whatever page is open; refused all the same.
BROWSERS_OWN = {
    "accounts.google.com",
    "android.clients.google.com",
    "clients2.google.com",
    "content-autofill.googleapis.com",
    "optimizationguide-pa.googleapis.com",
    "redirector.gvt1.com",
    "update.googleapis.com",
}


class Outside:
    """What a browser asked for beyond this machine: `CONNECT host:443`, `GET http://host/path`."""

    def __init__(self) -> None:
        self.requests: list[str] = []
        handler = type("Refusing", (Refusing,), {"requests": self.requests})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class Refusing(BaseHTTPRequestHandler):
    requests: list[str]

    def parse_request(self) -> bool:
        """Every method is refused, so none is looked up."""
        if super().parse_request():
            if urlsplit(f"//{self.path.removeprefix('http://')}").hostname not in BROWSERS_OWN:
                self.requests.append(f"{self.command} {self.path}")
            self.send_error(403, "not on this machine")
        return False

    def log_message(self, *_: Any) -> None:
        pass
