"""An HTTP server in place of AWS, which answers, refuses, hangs and breaks off as it is told."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, bytes]


def ok(**document: Any) -> Answer:
    return 200, json.dumps(document).encode()


def refusal(code: str, status: int = 400) -> Answer:
    return status, json.dumps({"__type": code, "message": "C4n4ry words of AWS"}).encode()


def version(number: int = 1, **fields: Any) -> dict[str, Any]:
    """One version of a secret with the fields of a database."""
    fields = fields or {"username": f"user-{number}", "password": f"hunter2-{number}"}
    return {
        "ARN": "arn:aws:secretsmanager:eu-central-1:1:secret:db-AbCdEf",
        "Name": "db",
        "VersionId": f"version-{number}",
        "SecretString": json.dumps(fields),
        "VersionStages": ["AWSCURRENT"],
    }


class FakeAws:
    """The server: ``answer`` decides on each request by its operation and its document.

    What it gives is an answer, or a word: ``hang``, ``reset``, ``close``.
    """

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, Any]]] = []
        self.answer: Callable[[str, dict[str, Any]], Answer | str] = lambda operation, document: ok(
            **version()
        )
        self.stop = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                size = int(self.headers.get("Content-Length", 0))
                document = json.loads(self.rfile.read(size) or b"{}")
                operation = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
                outer.requests.append((operation, document))
                answer = outer.answer(operation, document)
                if answer == "hang":
                    outer.stop.wait(20)
                    return
                if answer == "reset":
                    linger = struct.pack("ii", 1, 0)  # closing sends a reset
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                if isinstance(answer, str):
                    self.connection.close()
                    return
                status, body = answer
                self.send_response(status)
                self.send_header("Content-Type", "application/x-amz-json-1.1")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, request: Any, client_address: Any) -> None:
                pass  # clients that went away

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), daemon=True
        )

    def __enter__(self) -> FakeAws:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def refuse_connections(self) -> None:
        """Close the port: nobody listens any more."""
        self._server.shutdown()
        self._server.server_close()


def until(condition: Callable[[], Any], seconds: float = 10.0) -> float:
    """Wait until ``condition`` holds; gives the seconds it took, fails at the deadline."""
    begun = time.monotonic()
    while not condition():
        assert time.monotonic() - begun < seconds, f"not so after {seconds} s"
        time.sleep(0.005)
    return time.monotonic() - begun
