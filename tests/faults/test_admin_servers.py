"""The admin API over real sockets: gunicorn and uvicorn, hostile bodies, many writers."""

from __future__ import annotations

import http.client
import json
import os
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.faults.admin_server import LIMIT, TOKEN, Running, serving
from tests.sizes import sized

pytestmark = pytest.mark.slow


SERVERS = ["gunicorn", "gthread", "uvicorn"]
MERGE = "application/merge-patch+json"


@pytest.fixture(scope="module", params=SERVERS)
def server(request: pytest.FixtureRequest, tmp_path_factory: Any) -> Iterator[Running]:
    pytest.importorskip("gunicorn")
    pytest.importorskip("uvicorn")
    with serving(request.param, tmp_path_factory.mktemp(request.param), ADMIN_FREE="1") as running:
        yield running


def test_h1_nobody_gets_anything_without_a_token(server):
    for path in ("/config", "/feature-flags", "/audit", "/status", "/nope", "/", "/openapi.json"):
        for method in ("GET", "POST", "DELETE", "OPTIONS", "PUT"):
            status, headers, _ = server.ask(method, path, Authorization="")
            assert (status, headers["www-authenticate"][:6]) == (401, "Bearer")


def test_a_change_over_the_wire(server):
    status, headers, _ = server.ask("GET", "/config")
    assert status == 200
    head = server.ask("HEAD", "/config")
    assert (head[0], head[1]["etag"], head[2]) == (200, headers["etag"], "")
    etag = headers["etag"]
    found = server.ask("PATCH", "/config", {"name": "two"}, If_Match=etag, Content_Type=MERGE)
    assert found[0] == 200
    assert server.ask("GET", "/config", If_None_Match=etag)[0] == 200
    assert (server.root / "config.local.yaml").read_text().startswith("name: two")


MEGABYTES = b" " * 1_000_000


def endless() -> Iterator[bytes]:
    yield b"Transfer-Encoding: chunked\r\n\r\n"
    while True:
        yield b"fa0\r\n" + b" " * 4000 + b"\r\n"


def large() -> Iterator[bytes]:
    yield b"Content-Length: 10000000\r\n\r\n"
    for _ in range(10):
        yield MEGABYTES


def slow() -> Iterator[bytes]:
    yield b"Content-Length: 60000\r\n\r\n"
    for _ in range(LIMIT * 10):
        yield b" "
        time.sleep(0.1)


HOSTILE: dict[str, Callable[[], Iterator[bytes]]] = {
    "10 MB": large,
    "endless chunks": endless,
    "a slow body": slow,
    "a negative length": lambda: iter([b"Content-Length: -5\r\n\r\n{}"]),
    "a length that is none": lambda: iter([b"Content-Length: 0x10\r\n\r\n{}"]),
    "a length and chunks": lambda: iter(
        [b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{    \r\n0\r\n\r\n"]
    ),
    "two lengths": lambda: iter([b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}}"]),
    "a broken chunk": lambda: iter([b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n"]),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_h2_hostile_bodies_are_refused_and_the_server_goes_on(server, case):
    status = server.raw("POST /config HTTP/1.1", HOSTILE[case]())
    # 0: the server closed while we still sent, and the system threw its answer away.
    assert status in ((413, 0) if case in ("10 MB", "endless chunks") else (400, 413))
    assert server.ask("GET", "/status")[0] == 200


def memory(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc")
def test_h2_memory_stays_flat(server):
    def pid() -> int:
        return int(server.ask("GET", "/status")[1]["x-pid"])

    server.raw("POST /config HTTP/1.1", large())
    before = memory(pid())
    for make in (large, endless) * 10:
        server.raw("POST /config HTTP/1.1", make())
    assert memory(pid()) - before < 16 * 1024 * 1024


def test_a_body_is_not_read_before_its_sender_is_known(server):
    def parts() -> Iterator[bytes]:
        yield b"Content-Length: 60000\r\n\r\n"  # and nothing of it

    with socket.create_connection(("127.0.0.1", server.port), timeout=LIMIT) as peer:
        peer.sendall(b"POST /config HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n")
        assert int(peer.recv(64).split()[1]) == 401


#: Increments of each writer.
TURNS = int(os.environ.get("CONFKIT_ADMIN_TURNS", "15"))


@pytest.mark.parametrize("kind", ["workers", "uvicorn"])
def test_f16_no_update_is_lost_among_eight_writers(tmp_path, kind):
    """Row F16: all of them read, add one, and write with the tag of what they read."""
    pytest.importorskip("gunicorn")
    pytest.importorskip("uvicorn")
    with serving(kind, tmp_path, ADMIN_FREE="1") as running:
        lost: list[int] = []

        def add(_: int) -> None:
            done = 0
            while done < TURNS:
                _, headers, text = running.ask("GET", "/config")
                etag = headers["etag"]
                body = {"count": json.loads(text)["count"] + 1}
                status, _, text = running.ask(
                    "PATCH", "/config", body, If_Match=etag, Content_Type=MERGE
                )
                assert status in (200, 412), text
                done += status == 200
                lost.extend([status] if status == 412 else [])

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(add, range(8)))
        assert (tmp_path / "config.local.yaml").read_text() == f"count: {8 * TURNS}\n"
        assert lost, "nobody ever met another: the test shows nothing"


def test_f17_an_edit_by_hand_between_read_and_write_is_kept(server):
    etag = server.ask("GET", "/config")[1]["etag"]
    local = server.root / "config.local.yaml"
    local.write_text("count: 7\nname: by-hand\n")
    assert server.ask("PATCH", "/config", {"count": 8}, If_Match=etag, Content_Type=MERGE)[0] == 412
    assert local.read_text() == "count: 7\nname: by-hand\n"


@pytest.mark.parametrize("kind", ["gthread", "uvicorn"])
def test_h4_ten_thousand_requests_of_two_thousand_principals(tmp_path, kind):
    """Row H4: 429 with Retry-After, and a table that stays small."""
    pytest.importorskip("gunicorn")
    pytest.importorskip("uvicorn")
    count = sized(10_000, 4)
    with serving(kind, tmp_path) as running:

        def load(start: int) -> set[tuple[int, bool]]:
            found = set()
            peer = http.client.HTTPConnection("127.0.0.1", running.port, timeout=LIMIT)
            for number in range(start, count, 4):
                name = "load-busy" if number % 4 == 0 else f"load-{number % 2000}"
                peer.request("GET", "/status", headers={"X-Name": name})
                answer = peer.getresponse()
                answer.read()
                found.add((answer.status, answer.getheader("Retry-After") is not None))
                assert int(answer.getheader("X-Remembered") or 0) <= 1000
            peer.close()
            return found

        with ThreadPoolExecutor(4) as pool:
            answers = set().union(*pool.map(load, range(4)))
        assert answers == {(200, False), (429, True)}


def test_h3_no_answer_log_or_audit_shows_a_secret(tmp_path):
    canary = "canary-" + "q7" * 12
    pytest.importorskip("gunicorn")
    with serving("gunicorn", tmp_path, ADMIN_FREE="1", ADMIN_SECRET=canary) as running:
        texts = [
            str(running.ask(method, path, body, Authorization=token))
            for method, path, body in (
                ("GET", "/config", None),
                ("GET", "/config/layers", None),
                ("GET", "/config/history", None),
                ("GET", "/status", None),
                ("POST", "/config", {"password": canary + "x"}),
                ("POST", "/config", {"count": canary}),
                ("POST", "/config", {"name": canary, "count": "x"}),
                ("POST", f"/config?reason={canary}", {"count": 5}),
                ("POST", "/feature-flags/checkout", {"description": canary}),
                ("POST", "/feature-flags/checkout", {canary: 1}),
                ("GET", f"/feature-flags/{canary}", None),
                ("GET", f"/{canary}", None),
                ("GET", "/audit", None),
                ("GET", "/feature-flags?ids=1", None),
            )
            for token in (f"Bearer {TOKEN}", f"Bearer {canary}")
        ]
        texts.append((tmp_path / "audit.jsonl").read_text())
    texts.append((tmp_path / "said.txt").read_text())
    assert [text for text in texts if canary in text] == []
    assert TOKEN not in "".join(texts)


def test_a_change_of_the_store_reaches_every_stream(tmp_path):
    pytest.importorskip("uvicorn")
    bulk = "/ofrep/v1/evaluate/flags"
    with serving("ofrep", tmp_path) as running:
        peers = []
        for _ in range(10):
            _, headers, text = running.ask("POST", bulk, {"context": {"targetingKey": "u"}})
            uri = json.loads(text)["eventStreams"][0]["endpoint"]["requestUri"]
            peer = http.client.HTTPConnection("127.0.0.1", running.port, timeout=LIMIT)
            peer.request("GET", uri)
            stream = peer.getresponse()
            assert (stream.status, stream.getheader("content-type")) == (200, "text/event-stream")
            assert stream.readline().startswith(b":")
            peers.append((peer, stream))
        (tmp_path / "flags.yaml").write_text("checkout:\n  enabled: false\n")
        for peer, stream in peers:
            lines = [stream.readline() for _ in range(3)]
            assert lines[1] == b"event: message\n"
            assert json.loads(lines[2].removeprefix(b"data: "))["type"] == "refetchEvaluation"
            peer.close()
        same = running.ask("POST", bulk, {"context": {}}, If_None_Match=headers["etag"])
        assert same[0] == 200
        refused = running.ask("GET", "/ofrep/v1/events?ticket=x.y", Authorization="")
        assert refused[0] == 401
