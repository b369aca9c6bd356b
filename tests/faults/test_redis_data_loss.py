"""R6 to R9: data lost, a failover that goes back, a half-filled store, documents that are none."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from confkit import StoreDoubted
from confkit.flags import Flags
from confkit.flags.redis.store import RedisStore
from tests.faults.conftest import answers, fill, until
from tests.faults.proxy import FaultProxy
from tests.faults.server import RedisServer

pytestmark = pytest.mark.slow

Reader = Callable[..., Flags]
ON, OFF = {"enabled": True}, {"enabled": False}
COUNT = 200


def lose_by_restart(server: RedisServer) -> None:
    server.restart()


def lose_by_flushall(server: RedisServer) -> None:
    server.client().flushall()


def lose_by_eviction(server: RedisServer) -> None:
    client = server.client()
    client.config_set("maxmemory-policy", "allkeys-lru")
    client.config_set("maxmemory", client.info("memory")["used_memory"] + 500_000)
    for number in range(5000):
        client.set(f"junk{number}", "x" * 10_000)
        if not client.exists("{confkit}:flags"):
            return
    pytest.fail("the flags were not evicted")


@pytest.mark.parametrize("lose", [lose_by_restart, lose_by_flushall, lose_by_eviction])
def test_a_store_that_lost_its_data_flips_no_flag(
    lose: Callable[[RedisServer], None], server: RedisServer, reader: Reader, writer: RedisStore
) -> None:
    fill(writer, COUNT)
    flags = reader(verify=0.2)
    lose(server)
    until(lambda: flags.status.quarantine)
    # Which key goes first is up to Redis: then the record is lost, or all there was to record.
    expected = "empty|lost its record" if lose is lose_by_eviction else "empty"
    assert re.search(expected, flags.status.quarantine)
    assert not flags.status.healthy
    assert answers(flags, COUNT) == [True] * COUNT


@pytest.mark.parametrize("key", ["flags", "changes", "meta"])
def test_one_key_that_is_evicted_flips_no_flag_and_is_named(
    key: str, server: RedisServer, reader: Reader, writer: RedisStore
) -> None:
    """Eviction takes one key at a time, in any order."""
    fill(writer, 5)
    flags = reader(verify=0.2, reread=0.2)
    server.client().delete(f"{{confkit}}:{key}")
    until(lambda: flags.status.quarantine)
    assert answers(flags, 5) == [True] * 5
    with pytest.raises(StoreDoubted):
        flags.set("f0", enabled=False)
    assert flags.reseed()
    until(lambda: flags.status.healthy)
    assert flags.set("f0", enabled=False).revision == 2


@pytest.mark.parametrize("lose", [lose_by_restart, lose_by_flushall, lose_by_eviction])
def test_a_store_that_lost_its_data_is_filled_again_by_whom_is_allowed_to(
    lose: Callable[[RedisServer], None], server: RedisServer, reader: Reader, writer: RedisStore
) -> None:
    fill(writer, COUNT)
    flags = reader(verify=0.2, reseed=True)
    lose(server)
    server.client().config_set("maxmemory", 0)
    until(lambda: server.client().hlen("{confkit}:flags") == COUNT and flags.status.healthy)
    assert answers(flags, COUNT) == [True] * COUNT
    found = writer.read()
    assert found is not None
    assert {flag.revision for flag in found.flags.values()} == {1}
    assert flags.set("f0", enabled=False).revision == 2


def test_of_several_that_fill_again_the_later_change_of_each_flag_wins(
    server: RedisServer, writer: RedisStore
) -> None:
    """Whoever comes first, and though none of them knows everything."""
    fill(writer, 3)
    clients = [Flags(RedisStore.from_url(server.url), background=False) for _ in range(3)]
    clients[0].set("f0", enabled=False)
    clients[1].set("f1", enabled=False)
    clients[2].delete("f2")
    server.restart()
    for _ in range(2):
        for flags in clients:
            flags.reseed()
    for flags in clients:
        flags.refresh()
        assert flags.status.healthy
        assert [flags.enabled(f"f{n}") for n in range(3)] == [False, False, False]
        assert set(flags.view.flags) == {"f0", "f1"}
        flags.store.close()  # type: ignore[attr-defined]


def test_two_programs_that_fill_a_store_at_once_leave_it_whole(
    server: RedisServer, writer: RedisStore
) -> None:
    """One of them is first; whatever the other does then, each flag has its later change."""
    fill(writer, COUNT)
    clients = [Flags(RedisStore.from_url(server.url), background=False) for _ in range(2)]
    clients[0].set("f0", enabled=False)
    clients[1].set("f1", enabled=False)
    for flags in clients:
        flags.refresh()
    failures: list[Exception] = []
    wanted = [False, False, *[True] * (COUNT - 2)]
    for _ in range(5):
        server.client().flushall()
        together = threading.Barrier(len(clients))

        def filling(flags: Flags, together: threading.Barrier = together) -> None:
            together.wait(10)
            try:
                flags.reseed()
            except Exception as error:
                failures.append(error)

        threads = [threading.Thread(target=filling, args=(flags,)) for flags in clients]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not failures
        for flags in clients:
            flags.refresh()
            assert flags.status.healthy
            assert answers(flags, COUNT) == wanted
    for flags in clients:
        flags.store.close()  # type: ignore[attr-defined]


def test_a_store_that_was_emptied_on_purpose_is_not_filled(
    server: RedisServer, writer: RedisStore, reader: Reader
) -> None:
    fill(writer, 1)
    flags = reader(reseed=True)
    writer.write("f0", None, expect=1, by="test", reason="no longer used")
    until(lambda: not flags.view.flags)
    assert flags.status.healthy
    assert not flags.reseed()


def test_a_new_store_with_few_of_the_flags_waits_for_somebody_to_confirm(
    server: RedisServer, reader: Reader, writer: RedisStore
) -> None:
    fill(writer, COUNT)
    flags = reader()
    server.restart()
    writer.write("f0", OFF, expect=0, by="test", reason="into the emptied store")
    until(lambda: "200 of 200" in flags.status.quarantine)
    assert answers(flags, COUNT) == [True] * COUNT
    fill(writer, COUNT - 1)
    flags.refresh()
    assert flags.status.quarantine, "no share of the flags ends it"
    fill(writer, COUNT)
    until(lambda: not flags.status.quarantine)
    assert answers(flags, COUNT) == [True] * COUNT


def test_confirming_accepts_a_store_for_every_client(
    server: RedisServer, reader: Reader, writer: RedisStore
) -> None:
    fill(writer, 3)
    one, other = reader(), reader()
    server.restart()
    writer.write("f0", OFF, expect=0, by="test", reason="into the emptied store")
    until(lambda: one.status.quarantine and other.status.quarantine)
    assert one.confirm(by="ann", reason="f0 is all there is")
    until(lambda: other.status.healthy)
    for flags in (one, other):
        assert set(flags.view.flags) == {"f0"}
        assert not any(answers(flags, 3))


def test_a_start_beside_an_emptied_store_believes_the_backup(
    server: RedisServer, reader: Reader, writer: RedisStore, tmp_path: Path
) -> None:
    fill(writer, 3)
    backup = tmp_path / "flags.json"
    with reader(backup=backup):
        pass
    server.restart()
    flags = reader(backup=backup)
    until(lambda: flags.status.quarantine)
    assert flags.status.source == "backup"
    assert answers(flags, 3) == [True] * 3


def test_the_backup_keeps_the_last_three_accepted_sets(
    reader: Reader, writer: RedisStore, tmp_path: Path
) -> None:
    fill(writer, 1)
    backup = tmp_path / "flags.json"
    flags = reader(backup=backup)
    for number in range(5):
        writer.write("f0", {"enabled": bool(number % 2)}, expect=None, by="test", reason="")
        flags.refresh()
    kept = [item["number"] for item in json.loads(backup.read_text())["sets"]]
    assert len(kept) == 3
    assert kept == sorted(kept, reverse=True)


def test_a_deletion_on_record_is_followed_and_one_by_hand_is_doubted(
    server: RedisServer, reader: Reader, writer: RedisStore
) -> None:
    fill(writer, 4)
    flags = reader()
    for number in range(3):
        writer.write(f"f{number}", None, expect=1, by="test", reason="cleaned up")
    until(lambda: answers(flags, 4) == [False, False, False, True])
    assert not flags.status.quarantine
    server.client().hdel("{confkit}:flags", "f3")
    server.client().zrem("{confkit}:changes", "f3")
    flags.store._read_all = -1e9  # type: ignore[attr-defined]
    until(lambda: flags.status.doubted == ("f3",))
    assert flags.enabled("f3")


def test_a_promoted_replica_that_is_behind_changes_nothing_and_is_named(
    server: RedisServer, proxy: FaultProxy, reader: Reader, writer: RedisStore
) -> None:
    fill(writer, 5)
    with (
        FaultProxy(server.port) as between,
        RedisServer("--replicaof", f"127.0.0.1 {between.address[1]}") as replica,
    ):
        until(lambda: replica.client().hlen("{confkit}:flags") == 5, 30)
        between.blackhole()
        flags = reader()
        for number in range(3):
            writer.write(f"f{number}", OFF, expect=1, by="test", reason="never replicated")
        until(lambda: answers(flags, 5) == [False, False, False, True, True])
        replica.client().replicaof("NO", "ONE")
        proxy.port = replica.port
        proxy.kill_all()
        until(lambda: flags.status.doubted == ("f0", "f1", "f2"), 20)
        assert answers(flags, 5) == [False, False, False, True, True]
        with pytest.raises(StoreDoubted):
            flags.set("f0", owner="ann")
        # What was not lost is changed as ever, and so is what is changed anew by name.
        store = RedisStore.from_url(replica.url)
        store.write("f4", OFF, expect=1, by="test", reason="after the failover")
        store.write("f2", ON, expect=1, by="test", reason="after the failover")
        until(lambda: answers(flags, 5) == [False, False, True, True, False])
        assert flags.status.doubted == ("f0", "f1")
        assert flags.reseed()
        assert flags.status.healthy
        found = store.read()
        assert found is not None
        assert found.flags["f0"].document == OFF
        store.close()


GARBAGE = {
    "no JSON": b"{{{",
    "no text": b"\xff\xfe\x00",
    "no object": b"[1,2]",
    "no revision": b'{"flag":{"enabled":true}}',
    "no number": b'{"rev":1,"flag":{"enabled":NaN}}',
    "no rule": b'{"rev":9,"flag":{"enabled":"perhaps"}}',
    "too deep": b'{"rev":9,"flag":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "oversized": b'{"rev":9,"flag":{"enabled":true,"description":"' + b"x" * 2_000_000 + b'"}}',
}


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE)
def test_one_poisoned_document_keeps_its_last_good_and_the_others_go_on(
    garbage: bytes, server: RedisServer, reader: Reader, writer: RedisStore
) -> None:
    fill(writer, 3)
    flags = reader(reread=0.2)
    server.client().hset("{confkit}:flags", "f1", garbage)
    writer.write("f0", OFF, expect=1, by="test", reason="")
    until(lambda: not flags.enabled("f0"))
    assert answers(flags, 3) == [False, True, True]
    until(lambda: set(flags.status.errors) == {"f1"})
    assert flags.status.errors["f1"].startswith("flag 'f1': ")
    assert len(flags.status.errors["f1"]) < 300
    # It is repaired by writing it, and goes on counting where it ended.
    assert flags.set("f1", enabled=False, by="test", reason="repaired").revision == 2
    until(lambda: flags.status.healthy)
    assert answers(flags, 3) == [False, False, True]


@pytest.mark.parametrize("repair", ["delete", "rollback"])
@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE)
def test_a_damaged_document_is_repaired_by_whoever_starts_with_it(
    garbage: bytes, repair: str, server: RedisServer, writer: RedisStore
) -> None:
    fill(writer, 1)
    server.client().hset("{confkit}:flags", "f0", garbage)
    store = RedisStore.from_url(server.url)
    with Flags(store, background=False) as flags:
        assert set(flags.status.errors) == {"f0"}
        made = flags.delete("f0") if repair == "delete" else flags.rollback("f0", 1)
        assert made.revision == 2
        assert flags.status.healthy
    store.close()


def test_a_field_that_nobody_recorded_stops_writes_until_somebody_confirms(
    server: RedisServer, reader: Reader, writer: RedisStore
) -> None:
    fill(writer, 1)
    flags = reader(verify=0.2)
    server.client().hset("{confkit}:flags", b"\xffno name", b'{"rev":1,"flag":{"enabled":true}}')
    with pytest.raises(StoreDoubted, match="records 1 flags and holds 2"):
        writer.write("f0", OFF, expect=1, by="test", reason="")
    until(lambda: "holds 2" in flags.status.quarantine)
    assert flags.enabled("f0")
    assert flags.confirm()
    until(lambda: flags.status.healthy)
    assert server.client().hkeys("{confkit}:flags") == ["f0"]
    assert writer.write("f0", OFF, expect=1, by="test", reason="").revision == 2


@pytest.mark.parametrize("key", ["flags", "meta"])
def test_a_key_of_the_wrong_type_leaves_the_last_good_flags(
    key: str, server: RedisServer, reader: Reader, writer: RedisStore
) -> None:
    fill(writer, 2)
    flags = reader(verify=0.2, reread=0.2)
    server.client().delete(f"{{confkit}}:{key}")
    server.client().set(f"{{confkit}}:{key}", "something else")
    until(lambda: flags.status.failures)
    assert "WRONGTYPE" in flags.status.last_error
    assert answers(flags, 2) == [True, True]
