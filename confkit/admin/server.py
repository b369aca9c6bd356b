"""A server of the standard library, for a look around: loopback only, never for production."""

from __future__ import annotations

from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from confkit.admin.messages import Handler
from confkit.admin.wsgi import WSGI

#: The only address that is served: whoever is on this machine.
HOST = "127.0.0.1"
#: Seconds after which a connection that says nothing is closed.
SILENCE = 10


class _Server(ThreadingMixIn, WSGIServer):
    """One thread a request."""

    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    """A handler that prints no line a request, and waits for nobody for ever."""

    timeout = SILENCE

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as it is overridden
        """Print nothing: a request line may hold what somebody typed in the wrong place."""

    def address_string(self) -> str:
        """The address as it is: nobody is asked for its name."""
        return str(self.client_address[0])


def local_server(handler: Handler, port: int = 0) -> WSGIServer:
    """A server on the loopback interface, to be run by ``serve_forever()``.

    :param port: 0 takes one that is free; ``server_port`` has it.
    :raises OSError: for a port that is taken.
    """
    return make_server(HOST, port, WSGI(handler), _Server, _Quiet)
