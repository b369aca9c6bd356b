"""The server for a look around."""

from __future__ import annotations

import http.client
import json
import socket
import threading

import pytest

from confkit.admin.server import local_server
from tests.admin.conftest import ADA


@pytest.fixture
def port(admin):
    with local_server(admin) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join(10)


def ask(port, method, path, body=None, **headers):
    peer = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    sent = {"Authorization": f"Bearer {ADA}", **headers}
    if body is not None:
        sent["Content-Type"] = "application/json"
    peer.request(method, path, None if body is None else json.dumps(body), sent)
    found = peer.getresponse()
    text = found.read()
    peer.close()
    return found.status, text


def test_it_answers_on_loopback_only(port, capfd):
    assert ask(port, "GET", "/config")[0] == 200
    assert ask(port, "POST", "/config", {"name": "two"})[0] == 200
    assert ask(port, "POST", "/config", {"name": "x" * 70_000})[0] == 413
    assert ask(port, "GET", "/config", Authorization="")[0] == 401
    assert capfd.readouterr() == ("", "")
    other = socket.socket()
    other.bind(("127.0.0.2", 0))  # another address of this machine is another one
    other.close()
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.2", port), timeout=5)


def test_a_port_that_is_taken_is_named(port, admin):
    with pytest.raises(OSError):
        local_server(admin, port)
