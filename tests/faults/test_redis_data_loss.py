"""R6 to R9: data lost, a failover that goes back, a half-filled store, documents that are none."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path

import pytest

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
    assert "empty" in flags.status.quarantine
    assert not flags.status.healthy
    assert answers(flags, COUNT) == [True] * COUNT


def test_flags_that_are_evicted_after_their_version_was_are_missed_all_the_same(
    server: RedisServer, reader: Reader, writer: RedisStore
) -> None:
    """Eviction takes one key at a time, in any order."""
    fill(writer, 5)
    flags = reader(verify=0.2)
    server.client().delete("{confkit}:meta")
    until(lambda: flags.status.version.epoch == "")
    assert flags.status.healthy
    server.client().delete("{confkit}:flags")
    until(lambda: flags.status.quarantine)
    assert answers(flags, 5) == [True] * 5


@pytest.mark.parametrize("lose", [lose_by_restart, lose_by_flushall, lose_by_eviction])
def test_a_store_that_lost_its_data_is_filled_again_by_whom_is_allowed_to(
    lose: Callable[[RedisServer], None], server: RedisServer, reader: Reader, writer: RedisStore
) -> None:
    fill(writer, COUNT)
    flags = reader(verify=0.2, reseed=True)
    epoch = flags.status.version.epoch
    lose(server)
    server.client().config_set("maxmemory", 0)
    until(lambda: flags.status.version.epoch not in (epoch, "") and flags.status.healthy)
    assert answers(flags, COUNT) == [True] * COUNT
    found = writer.read()
    assert found is not None
    assert len(found.flags) == COUNT
    assert {flag.revision for flag in found.flags.values()} == {1}
    assert "filled again" in writer.history("f7")[0].reason


def test_of_several_that_fill_again_the_newest_copy_wins(
    server: RedisServer, writer: RedisStore
) -> None:
    fill(writer, 3)
    old = writer.read()
    writer.write("f2", OFF, expect=1, by="test", reason="the last change")
    new = writer.read()
    assert old is not None
    assert new is not None
    server.restart()
    for copy in (old, new, old):
        writer.seed(copy)
    found = writer.read()
    assert found is not None
    assert found.flags["f2"].document == OFF
    assert found.version.epoch not in ("", old.version.epoch)


def test_a_store_that_was_written_to_since_or_emptied_on_purpose_is_not_filled(
    server: RedisServer, writer: RedisStore
) -> None:
    fill(writer, 1)
    copy = writer.read()
    assert copy is not None
    writer.write("f0", None, expect=1, by="test", reason="no longer used")
    writer.seed(copy)
    emptied = writer.read()
    assert emptied is not None
    assert not emptied.flags
    server.restart()
    writer.write("f9", ON, expect=0, by="test", reason="somebody was quicker")
    writer.seed(copy)
    found = writer.read()
    assert found is not None
    assert set(found.flags) == {"f9"}


def test_a_new_store_with_few_of_the_flags_waits_for_somebody_to_confirm(
    server: RedisServer, reader: Reader, writer: RedisStore
) -> None:
    fill(writer, COUNT)
    flags = reader()
    server.restart()
    writer.write("f0", OFF, expect=0, by="test", reason="into the emptied store")
    until(lambda: "199 of 200" in flags.status.quarantine)
    assert answers(flags, COUNT) == [True] * COUNT
    assert flags.confirm()
    assert not flags.status.quarantine
    assert not any(answers(flags, COUNT))


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
    assert kept == [6, 5, 4]


def test_a_deletion_on_record_is_followed_and_one_by_hand_is_doubted(
    server: RedisServer, reader: Reader, writer: RedisStore
) -> None:
    fill(writer, 4)
    flags = reader()
    for number in range(3):
        writer.write(f"f{number}", None, expect=1, by="test", reason="cleaned up")
    until(lambda: answers(flags, 4) == [False, False, False, True])
    assert not flags.status.quarantine
    server.client().delete("{confkit}:flags")
    server.client().hincrby("{confkit}:meta", "version", 1)
    until(lambda: flags.status.quarantine)
    assert flags.enabled("f3")


def test_a_promoted_replica_that_is_behind_is_followed_and_said(
    server: RedisServer,
    proxy: FaultProxy,
    reader: Reader,
    writer: RedisStore,
    caplog: pytest.LogCaptureFixture,
) -> None:
    fill(writer, 5)
    with (
        FaultProxy(server.port) as between,
        RedisServer("--replicaof", f"127.0.0.1 {between.address[1]}") as replica,
    ):
        until(lambda: replica.client().hlen("{confkit}:flags") == 5, 30)
        between.blackhole()
        flags = reader()
        for number in range(5):
            writer.write(f"f{number}", OFF, expect=1, by="test", reason="never replicated")
        until(lambda: not any(answers(flags, 5)))
        ahead = flags.status.version
        with caplog.at_level(logging.WARNING, "confkit.flags"):
            replica.client().replicaof("NO", "ONE")
            proxy.port = replica.port
            proxy.kill_all()
            until(lambda: answers(flags, 5) == [True] * 5, 20)
        assert flags.status.version.epoch == ahead.epoch
        assert flags.status.version.number < ahead.number
        assert "its flags are followed" in caplog.text
        # And a write to the promoted one, which brings the old number once more, is seen too.
        store = RedisStore.from_url(replica.url)
        store.write("f0", OFF, expect=1, by="test", reason="after the failover")
        until(lambda: not flags.enabled("f0"))
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
    flags = reader()
    server.client().hset("{confkit}:flags", "f1", garbage)
    writer.write("f0", OFF, expect=1, by="test", reason="")
    until(lambda: not flags.enabled("f0"))
    assert answers(flags, 3) == [False, True, True]
    assert set(flags.status.errors) == {"f1"}
    assert flags.status.errors["f1"].startswith("flag 'f1': ")
    assert len(flags.status.errors["f1"]) < 300
    # It is mended by writing it, and goes on counting where it ended.
    mended = writer.write("f1", OFF, expect=None, by="test", reason="mended")
    assert mended.revision in (2, 10)
    until(lambda: flags.status.healthy)
    assert answers(flags, 3) == [False, False, True]


def test_a_flag_whose_name_is_none_harms_nobody(
    server: RedisServer, reader: Reader, writer: RedisStore
) -> None:
    fill(writer, 1)
    flags = reader()
    server.client().hset("{confkit}:flags", b"\xffno name", b'{"rev":1,"flag":{"enabled":true}}')
    writer.write("f0", OFF, expect=1, by="test", reason="")
    until(lambda: not flags.enabled("f0"))
    assert len(flags.status.errors) == 1


@pytest.mark.parametrize("key", ["flags", "meta"])
def test_a_key_of_the_wrong_type_leaves_the_last_good_flags(
    key: str, server: RedisServer, reader: Reader, writer: RedisStore
) -> None:
    fill(writer, 2)
    flags = reader(verify=0.2)
    server.client().delete(f"{{confkit}}:{key}")
    server.client().set(f"{{confkit}}:{key}", "something else")
    until(lambda: flags.status.failures)
    assert "WRONGTYPE" in flags.status.last_error
    assert answers(flags, 2) == [True, True]
