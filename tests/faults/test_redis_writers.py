"""R10 to R12: racing writers, lost replies, and every refusal a server knows, by its type."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis

from confkit import (
    FlagConflict,
    StoreBusy,
    StoreDenied,
    StoreError,
    StoreFull,
    StoreReadOnly,
    StoreUnavailable,
)
from confkit.flags import Flags
from confkit.flags.redis.store import RedisStore
from tests.faults.conftest import fill, until
from tests.faults.proxy import FaultProxy
from tests.faults.server import RedisServer, free_port

pytestmark = pytest.mark.slow

Reader = Callable[..., Flags]
ON, OFF = {"enabled": True}, {"enabled": False}
PASSWORD = "canary-3f9a"


def write(store: RedisStore, expect: int | None = None) -> None:
    store.write("f0", OFF, expect=expect, by="test", reason="")


def test_eight_racing_writers_lose_no_change_and_every_change_is_on_record(
    server: RedisServer, writer: RedisStore
) -> None:
    writer.write("f0", {"enabled": True, "percentage": 0}, expect=0, by="test", reason="")

    def change(number: int) -> None:
        store = RedisStore.from_url(server.url, namespace="confkit")
        try:
            with Flags(store, background=False) as flags:
                for _ in range(100):
                    while True:
                        found = store.read()
                        assert found is not None
                        stored = found.flags["f0"]
                        assert stored.document is not None
                        percentage = round(stored.document["percentage"] + 0.001, 3)
                        try:
                            flags.set(
                                "f0",
                                percentage=percentage,
                                by=f"writer {number}",
                                expect=stored.revision,
                            )
                        except FlagConflict:
                            continue
                        break
        finally:
            store.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(change, range(8)))
    found = writer.read()
    assert found is not None
    stored = found.flags["f0"]
    assert stored.document == {"enabled": True, "percentage": 0.8}
    assert stored.revision == 801
    records = writer.history("f0", limit=2000)
    assert [record.revision for record in records] == list(range(801, 0, -1))
    assert all(newer.old == older.new for newer, older in itertools.pairwise(records))
    by = [record.by for record in records]
    assert all(by.count(f"writer {number}") == 100 for number in range(8))


@pytest.mark.parametrize("expect", [None, 1])
def test_a_reply_that_is_lost_after_the_commit_counts_once(
    expect: int | None, proxy: FaultProxy, writer: RedisStore
) -> None:
    fill(writer, 1)
    store = RedisStore.from_url(proxy.url)
    store.history()  # so that the connection stands
    store.write("other", ON, expect=0, by="test", reason="and the script is known")
    proxy.cut_after(b"EVALSHA")
    made = store.write("f0", OFF, expect=expect, by="test", reason="once")
    store.close()
    assert proxy.cuts == 1
    assert made.revision == 2
    assert [r.reason for r in writer.history("f0")] == ["once", ""]


def test_two_lost_replies_are_an_error_and_the_change_counts_once(
    proxy: FaultProxy, writer: RedisStore
) -> None:
    fill(writer, 1)
    store = RedisStore.from_url(proxy.url)
    proxy.cut_after(b"EVALSHA", b"EVALSHA")
    with pytest.raises(StoreUnavailable):
        write(store)
    with pytest.raises(FlagConflict, match="at revision 2, and the change expects revision 1"):
        write(store, expect=1)
    store.close()
    assert proxy.cuts == 2
    assert len(writer.history("f0")) == 2


def test_a_lost_reply_is_known_again_after_others_changed_the_flag(
    proxy: FaultProxy, writer: RedisStore
) -> None:
    """The retry must not undo what somebody else changed in between."""
    fill(writer, 1)
    store = RedisStore.from_url(proxy.url)
    steps = store.commands.writing([("f0", OFF, None)], by="test", reason="mine")
    [first] = next(steps)
    client = writer._connected().writer
    lost = client.execute_command("EVAL", _script(), *first[2:])
    assert lost[0] == b"done"
    writer.write("f0", ON, expect=2, by="other", reason="theirs")
    [again] = steps.throw(redis.ConnectionError("the reply was lost"))
    with pytest.raises(StopIteration) as stop:
        steps.send([client.execute_command("EVAL", _script(), *again[2:])])
    assert stop.value.value[0].revision == 2
    found = writer.read()
    assert found is not None
    assert found.flags["f0"].document == ON
    store.close()


def _script() -> str:
    from confkit.flags.redis.scripts import WRITE

    return WRITE.text


def test_a_full_server_takes_no_change_and_reads_go_on(
    server: RedisServer, reader: Reader, writer: RedisStore
) -> None:
    fill(writer, 1)
    flags = reader()
    server.client().config_set("maxmemory", 1)
    with pytest.raises(StoreFull):
        write(writer)
    flags.refresh()
    assert flags.status.healthy
    server.client().config_set("maxmemory", 0)
    assert len(writer.history()) == 1
    found = writer.read()
    assert found is not None
    assert found.flags["f0"].revision == 1


def test_a_replica_takes_no_change_and_says_so(server: RedisServer, writer: RedisStore) -> None:
    fill(writer, 1)
    with RedisServer("--replicaof", f"127.0.0.1 {server.port}") as replica:
        until(lambda: replica.client().hlen("{confkit}:flags") == 1, 30)
        store = RedisStore.from_url(replica.url)
        with Flags(store) as flags:
            assert flags.enabled("f0")
            with pytest.raises(StoreReadOnly):
                flags.set("f0", enabled=False)
        store.close()


def test_a_disk_that_fails_is_a_store_that_is_full(server: RedisServer, writer: RedisStore) -> None:
    client = server.client()
    client.config_set("save", "1 1")
    server.directory.joinpath("dump.rdb").mkdir()  # nothing can be renamed over it
    client.bgsave()
    until(lambda: client.info("persistence")["rdb_last_bgsave_status"] == "err")
    with pytest.raises(StoreFull, match="MISCONF"):
        write(writer)


@pytest.mark.parametrize("wrong", ["", f":{PASSWORD}@", f"nobody:{PASSWORD}@"])
def test_a_wrong_password_is_named_shown_nowhere_and_not_tried_hot(
    wrong: str, caplog: pytest.LogCaptureFixture
) -> None:
    with RedisServer(password="right") as server, FaultProxy(server.port) as proxy:
        store = RedisStore.from_url(proxy.url.replace("//", f"//{wrong}"))
        with Flags(store) as flags:
            until(lambda: flags.status.failures)
            assert "StoreDenied" in flags.status.last_error
            before = len(proxy.accepted)
            time.sleep(2)
            assert len(proxy.accepted) - before <= 2
            with pytest.raises(StoreDenied) as raised:
                write(store)
            assert len(proxy.accepted) - before <= 4
            shown = f"{flags.status} {raised.value!r} {raised.value} {store!r} {caplog.text}"
        store.close()
    assert PASSWORD not in shown
    assert "127.0.0.1" in str(raised.value)


def test_a_user_without_the_right_is_denied_and_reads_go_on(
    server: RedisServer, writer: RedisStore
) -> None:
    fill(writer, 1)
    server.client().execute_command(
        *f"ACL SETUSER app on >{PASSWORD} ~{{confkit}}:* &{{confkit}}:* "
        "+@connection +multi +exec +hmget +hlen "
        "+zrange +zrangebyscore +subscribe +xrevrange".split()
    )
    store = RedisStore.from_url(server.url.replace("//", f"//app:{PASSWORD}@"))
    with Flags(store) as flags:
        assert flags.enabled("f0")
        with pytest.raises(StoreDenied):
            flags.set("f0", enabled=False)
        assert len(flags.history()) == 1
        assert flags.status.healthy
    assert "app@127.0.0.1" in repr(store)
    store.inspect()
    assert store.warnings == ()  # CONFIG is refused, and that is silent
    store.close()


def test_a_server_with_no_room_for_clients_is_busy(server: RedisServer) -> None:
    client = server.client(single_connection_client=True)
    client.config_set("maxclients", 1)
    store = RedisStore.from_url(server.url)
    with pytest.raises((StoreBusy, StoreUnavailable)) as raised:
        store.read()
    with pytest.raises((StoreBusy, StoreUnavailable)):
        write(store)
    assert raised.type is StoreBusy
    client.config_set("maxclients", 100)
    write(store)
    store.close()
    client.close()


def test_a_server_that_runs_a_long_script_is_busy(server: RedisServer, writer: RedisStore) -> None:
    fill(writer, 1)
    server.client().config_set("busy-reply-threshold", 10)

    def loop() -> None:
        with pytest.raises(redis.ResponseError):
            server.client(socket_timeout=30).eval("while true do end", 0)

    thread = threading.Thread(target=loop)
    thread.start()
    try:

        def busy() -> bool:
            try:
                writer.read()
            except StoreBusy:
                return True
            except StoreUnavailable:
                return False  # the first answer may come later than we wait
            return False

        until(busy)
        with pytest.raises(StoreBusy):
            write(writer)
    finally:
        server.client(socket_timeout=30).script_kill()
        thread.join(30)
    write(writer)


def test_scripts_that_the_server_forgot_are_sent_again(
    server: RedisServer, writer: RedisStore
) -> None:
    fill(writer, 1)
    server.client().script_flush()
    write(writer, expect=1)
    server.restart()
    write(writer, expect=0)


@pytest.mark.parametrize("query", ["", "?protocol=2", "?protocol=3"])
def test_a_cluster_keeps_the_keys_of_a_namespace_together(query: str) -> None:
    with RedisServer("--cluster-enabled", "yes", "--cluster-port", str(free_port())) as server:
        server.client().execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
        until(lambda: server.client().cluster("INFO")["cluster_state"] == "ok")
        cluster = redis.RedisCluster.from_url(server.url + query)
        store = RedisStore(cluster)
        with Flags(store) as flags:
            flags.set("f0", enabled=True, by="test")
            assert flags.enabled("f0")
            flags.set("f0", enabled=False)
            assert [r.revision for r in flags.history("f0")] == [2, 1]
            other = RedisStore(cluster)
            other.write("f0", ON, expect=2, by="test", reason="")
            until(lambda: flags.enabled("f0"))
            other.close()
            # What the braces are for: keys that do not go together are refused.
            single = RedisStore.from_url(server.url)
            with pytest.raises(StoreError, match="same slot"):
                single.run(_crossing())
            single.close()
        assert "cluster" in repr(store)
        store.close()
        cluster.close()


def _crossing():  # type: ignore[no-untyped-def]
    yield [("EVAL", "return 1", 2, "a", "b")]
