"""The store contract on fakeredis and on a real server, and what only Redis has."""

from __future__ import annotations

import copy
import pickle
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fakeredis
import pytest
import redis

from confkit import InvalidFlag, StoreDenied, StoreError, StoreUnavailable
from confkit.flags.redis.store import RedisStore
from confkit.flags.stores.port import Hinting, Seeding
from confkit.flags.urls import open_store
from pytest_confkit.contracts import StoreContract
from tests.faults.server import RedisServer, free_port
from tests.faults.tls import certificate, terminated

ON, OFF = {"enabled": True}, {"enabled": False}


@pytest.fixture
def store() -> Iterator[RedisStore]:
    made = RedisStore(fakeredis.FakeRedis())
    yield made
    made.close()


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with RedisServer() as running:
        yield running


class TestRedisStoreOnFakeredis(StoreContract):
    @pytest.fixture
    def store(self) -> Iterator[RedisStore]:
        made = RedisStore(fakeredis.FakeRedis())
        yield made
        made.close()


class TestRedisStoreOnARealServer(StoreContract):
    racers = 8

    @pytest.fixture
    def store(self, server: RedisServer) -> Iterator[RedisStore]:
        server.client().flushall()
        made = RedisStore.from_url(server.url)
        yield made
        made.close()


def put(store: RedisStore, name: str, document: Any, expect: int | None = None) -> Any:
    return store.write(name, document, expect=expect, by="ann", reason="because")


def test_it_hints_and_can_be_filled_again(store: RedisStore) -> None:
    assert isinstance(store, Hinting)
    assert isinstance(store, Seeding)


def test_the_keys_are_those_of_the_documentation(server: RedisServer) -> None:
    client = server.client()
    client.flushall()
    store = RedisStore.from_url(server.url, namespace="shop")
    put(store, "a", {"enabled": True, "allow": []})
    assert client.hgetall("{shop}:flags") == {"a": '{"rev":1,"flag":{"enabled":true,"allow":[]}}'}
    assert set(client.hgetall("{shop}:meta")) == {
        "epoch", "version", "size", "digest", "bytes", "readers",
    }  # fmt: skip
    assert client.hget("{shop}:revs", "a").startswith("1 ")
    assert client.xlen("{shop}:audit") == 1
    keys = {key for key in client.scan_iter() if ":done:" not in key}
    assert keys == {f"{{shop}}:{kind}" for kind in ("audit", "changes", "flags", "meta", "revs")}
    assert all(client.ttl(key) == -1 for key in keys)
    assert all(client.ttl(key) > 0 for key in client.keys("*:done:*"))
    store.close()


def test_namespaces_are_apart(server: RedisServer) -> None:
    server.client().flushall()
    one = RedisStore.from_url(server.url, namespace="one")
    two = RedisStore.from_url(f"{server.url}?namespace=two")
    put(one, "a", ON)
    found = two.read()
    assert found is not None
    assert not found.flags
    assert "namespace 'two'" in repr(two)
    one.close()
    two.close()


@pytest.mark.parametrize("namespace", ["", "a b", "{a}", "x" * 65, "a\n"])
def test_a_namespace_that_would_break_the_keys_is_refused(namespace: str) -> None:
    with pytest.raises(StoreError, match="namespace"):
        RedisStore(fakeredis.FakeRedis(), namespace=namespace)


def test_an_unchanged_store_costs_one_short_command(server: RedisServer) -> None:
    client = server.client()
    client.flushall()
    store = RedisStore.from_url(server.url)
    put(store, "a", ON)
    found = store.read()
    assert found is not None
    client.config_resetstat()
    assert store.read(found.version) is None
    calls = {name: stat["calls"] for name, stat in client.info("commandstats").items()}
    assert calls == {"cmdstat_hmget": 1, "cmdstat_config|resetstat": 1}
    store.close()


def test_the_audit_is_trimmed(monkeypatch: pytest.MonkeyPatch, server: RedisServer) -> None:
    monkeypatch.setattr("confkit.flags.redis.format.RECORDS", 100)
    server.client().flushall()
    store = RedisStore.from_url(server.url)
    for number in range(450):
        put(store, "a", {"enabled": True, "percentage": number / 10})
    assert 100 <= len(store.history("a", limit=1000)) < 450
    store.close()


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"enabled": float("nan")}, "plain JSON|NaN|compliant"),
        ({"enabled": object()}, "plain JSON"),
        ({"enabled": True, "description": "x" * 1_000_001}, "bytes long"),
    ],
    ids=["nan", "object", "large"],
)
def test_a_document_that_is_no_json_or_too_large_is_refused(
    store: RedisStore, document: Any, said: str
) -> None:
    with pytest.raises(InvalidFlag, match=said):
        put(store, "a", document)
    assert store.history() == []


def test_texts_that_are_no_text_are_kept_as_they_can(store: RedisStore) -> None:
    made = store.write(
        "a", {"enabled": True, "description": "\ud800"}, expect=0, by="\ud800", reason="ok"
    )
    assert made.by == "\\ud800"
    assert put(store, "a", ON, expect=1).revision == 2


def test_subscribers_hear_of_every_change_and_stop_soon(store: RedisStore) -> None:
    woken, stop = threading.Semaphore(0), threading.Event()

    def wake(answer: Any = None, delay: float = 0.0) -> None:
        woken.release()

    thread = threading.Thread(target=store.hints, args=(wake, stop))
    thread.start()
    try:
        assert woken.acquire(timeout=10), "on the subscription"
        put(store, "a", ON)
        assert woken.acquire(timeout=10)
    finally:
        stop.set()
        thread.join(10)
    assert not thread.is_alive()


def test_warnings_of_a_server_that_may_forget(server: RedisServer) -> None:
    client = server.client()
    client.config_set("maxmemory-policy", "allkeys-lru")
    try:
        store = RedisStore.from_url(server.url)
        assert store.warnings == ()
        store.inspect()
        assert len(store.warnings) == 2
        assert "allkeys-lru may evict" in store.warnings[0]
        assert "a restart loses the flags" in store.warnings[1]
        store.close()
    finally:
        client.config_set("maxmemory-policy", "noeviction")


def test_a_server_set_up_well_gives_no_warning() -> None:
    with RedisServer(persist=True) as server:
        store = RedisStore.from_url(server.url)
        put(store, "a", ON)
        store.inspect()
        assert store.warnings == ()
        server.restart()
        found = store.read()
        assert found is not None
        assert set(found.flags) == {"a"}
        store.close()


@pytest.mark.parametrize(
    "url",
    [
        "redis://:canary@host:notaport",
        "http://:canary@host",
        "redis://:canary@host?nonsense=1",
        "redis://:canary@[::1",
        "redis://:canary@host/0?namespace={x}",
    ],
)
def test_a_url_that_cannot_be_read_is_not_quoted(url: str) -> None:
    with pytest.raises(StoreError) as raised:
        RedisStore.from_url(url)
    assert "canary" not in f"{raised.value}{raised.value.__cause__}"
    assert raised.value.__suppress_context__ or raised.value.__context__ is None


def test_no_password_in_what_a_store_prints(tmp_path: Path) -> None:
    shown = {
        repr(RedisStore.from_url("redis://user:canary@db.example:7000/3")),
        repr(RedisStore.from_url("rediss://:canary@db.example")),
        repr(RedisStore.from_url(f"unix://user:canary@{tmp_path}/redis.sock?db=2")),
    }
    assert shown == {
        "<RedisStore redis://user@db.example:7000/3, namespace 'confkit'>",
        "<RedisStore rediss://db.example:6379/0, namespace 'confkit'>",
        f"<RedisStore unix://user@{tmp_path}/redis.sock, namespace 'confkit'>",
    }


def test_a_store_is_neither_pickled_nor_copied(store: RedisStore) -> None:
    for move in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="make one in each process"):
            move(store)


def test_a_closed_store_opens_again(store: RedisStore) -> None:
    put(store, "a", ON)
    store.close()
    store.close()
    assert store.read() is not None


def test_a_unix_socket(server: RedisServer) -> None:
    server.client().flushall()
    store = RedisStore.from_url(f"unix://{server.unix}?db=0")
    assert put(store, "a", ON).revision == 1
    store.close()


def test_a_user_of_an_access_list(server: RedisServer) -> None:
    server.client().flushall()
    server.client().execute_command("ACL SETUSER ann on >canary ~{confkit}:* &{confkit}:* +@all")
    store = RedisStore.from_url(f"redis://ann:canary@127.0.0.1:{server.port}")
    assert put(store, "a", ON).revision == 1
    store.close()
    other = RedisStore.from_url(f"redis://ann:canary@127.0.0.1:{server.port}", namespace="other")
    with pytest.raises(StoreDenied):
        other.read()
    other.close()
    server.client().acl_deluser("ann")


def test_a_right_to_publish_that_is_missing_costs_the_hint_only(server: RedisServer) -> None:
    server.client().flushall()
    server.client().execute_command("ACL SETUSER mute on >x ~{confkit}:* resetchannels +@all")
    store = RedisStore.from_url(f"redis://mute:x@127.0.0.1:{server.port}")
    assert put(store, "a", ON).revision == 1
    found = store.read()
    assert found is not None
    assert set(found.flags) == {"a"}
    store.close()
    server.client().acl_deluser("mute")


def test_tls_with_a_certificate_of_ones_own(server: RedisServer, tmp_path: Path) -> None:
    server.client().flushall()
    signed, key = certificate(tmp_path)
    with terminated(server.port, signed, key) as port:
        store = RedisStore.from_url(f"rediss://127.0.0.1:{port}", ssl_ca_certs=str(signed))
        assert put(store, "a", ON).revision == 1
        store.close()
        stranger = RedisStore.from_url(f"rediss://127.0.0.1:{port}")
        with pytest.raises(StoreUnavailable, match=r"(?i)certificate"):
            stranger.read()
        stranger.close()


def test_sentinel_finds_the_master(server: RedisServer) -> None:
    server.client().flushall()
    sentinel = RedisServer(
        sentinel=f"sentinel monitor shop 127.0.0.1 {server.port} 1\n"
        "sentinel down-after-milliseconds shop 1000\n"
    )
    with sentinel:
        manager = redis.sentinel.Sentinel([("127.0.0.1", sentinel.port)], socket_timeout=1)
        store = RedisStore(manager.master_for("shop"))
        assert put(store, "a", ON).revision == 1
        found = store.read()
        assert found is not None
        assert set(found.flags) == {"a"}
        assert "sentinel service 'shop'" in repr(store)
        store.close()
        lost = RedisStore(manager.master_for("nobody"))
        with pytest.raises(StoreUnavailable):
            lost.read()


def test_nobody_listens() -> None:
    store = RedisStore.from_url(f"redis://127.0.0.1:{free_port()}")
    with pytest.raises(StoreUnavailable, match=r"127\.0\.0\.1"):
        store.read()
    with pytest.raises(StoreUnavailable):
        put(store, "a", ON)
    with pytest.raises(StoreUnavailable):
        store.hints(lambda: None, threading.Event())


@pytest.mark.parametrize("url", ["redis://:secret@x/shop", "redis://:secret@x/1/2"])
def test_a_database_that_is_no_number_is_refused(url: str) -> None:
    """redis-py would silently take database 0, or 12."""
    with pytest.raises(StoreError) as caught:
        open_store(url)
    assert "secret" not in str(caught.value)
