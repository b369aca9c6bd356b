"""What the scripts keep in bounds, refuse, and do once."""

from __future__ import annotations

import zlib

import fakeredis
import pytest

from confkit.errors import FlagConflict, StoreDoubted
from confkit.flags.redis import format as formats
from confkit.flags.redis.scripts import WRITE
from confkit.flags.redis.store import RedisStore
from confkit.flags.stores.port import Version

ON, OFF = {"enabled": True}, {"enabled": False}


@pytest.fixture
def store():
    made = RedisStore(fakeredis.FakeRedis())
    yield made
    made.close()


@pytest.fixture
def client(store):
    return store._connected().writer


def put(store, name, document, expect=None, base=None):
    return store.write(name, document, expect=expect, by="ann", reason="why", base=base)


def large(number):
    return {"enabled": True, "allow": [f"user-{number}-{n}" for n in range(1_000)]}


def test_the_digest_is_that_of_what_is_there(store, client):
    for name in "abc":
        put(store, name, ON)
    put(store, "a", OFF)
    put(store, "b", None)
    found = client.hgetall("{confkit}:flags")
    digest = sum(formats.fingerprint(n, raw) for n, raw in found.items()) % formats.MODULUS
    assert int(client.hget("{confkit}:meta", "digest")) == digest
    assert int(client.hget("{confkit}:meta", "size")) == 2


def test_versions_grow_whatever_the_clock_says(store, client):
    first = put(store, "a", ON).version.number
    client.hset("{confkit}:meta", "version", first + 10**12)
    assert put(store, "a", OFF).version.number == first + 10**12 + 1


def test_the_record_is_bounded_by_bytes(store, client, monkeypatch):
    monkeypatch.setattr(formats, "BYTES", 5_000)
    for number in range(100):
        put(store, "a", {"enabled": True, "description": "x" * 500 + str(number)})
    assert 1 < client.xlen("{confkit}:audit") < 10
    assert int(client.hget("{confkit}:meta", "bytes")) <= 5_000
    assert [r.revision for r in store.history("a", limit=2)] == [100, 99]


def test_the_record_is_bounded_by_count(store, client, monkeypatch):
    monkeypatch.setattr(formats, "RECORDS", 10)
    for number in range(30):
        put(store, "a", {"enabled": True, "percentage": number})
    assert client.xlen("{confkit}:audit") == 10


def test_of_large_documents_the_last_two_are_on_record(store, client):
    for number in range(4):
        put(store, "a", large(number))
    newest, before, oldest, _ = store.history("a")
    assert (newest.new, newest.old, newest.omitted) == (large(3), large(2), "")
    assert before.new == large(2)
    assert before.old is None
    assert "old document of" in before.omitted
    assert oldest.new is None
    assert set(client.hkeys("{confkit}:large")) == {b"3 a", b"4 a"}
    assert zlib.decompress(client.hget("{confkit}:large", "4 a")).startswith(b'{"enabled"')
    assert sum(len(v) for _, f in client.xrange("{confkit}:audit") for v in f.values()) < 5_000


def test_deletions_are_bounded_and_revisions_go_on(store, client, monkeypatch):
    monkeypatch.setattr(formats, "TOMBSTONES", 3)
    for number in range(6):
        put(store, f"f{number}", ON)
        put(store, f"f{number}", None)
    assert client.zcard("{confkit}:deleted") == 3
    found = store.read()
    assert set(found.deleted) == {"f3", "f4", "f5"}
    assert found.floor == 0 or found.floor < min(found.deleted.values())
    assert put(store, "f0", ON).revision == 3, "a number never comes twice"
    assert put(store, "f5", ON).revision > 2


def test_a_write_on_another_store_or_a_later_state_is_refused(store):
    version = put(store, "a", ON).version
    assert put(store, "a", OFF, base=version).revision == 2
    for wrong in (Version("other", 1), version._replace(number=version.number + 10**12)):
        with pytest.raises(StoreDoubted):
            put(store, "a", ON, base=wrong)
    assert store.history("a")[0].revision == 2


@pytest.mark.parametrize(
    ("lose", "why"),
    [
        (lambda client: client.flushall(), "emptied"),
        (lambda client: client.delete("{confkit}:flags"), "records 2 flags and holds 0"),
        (lambda client: client.delete("{confkit}:meta"), "emptied"),
        (lambda client: client.hdel("{confkit}:flags", "b"), "records 2 flags and holds 1"),
    ],
)
def test_a_store_that_lost_something_takes_no_change_decided_before(store, client, lose, why):
    put(store, "a", ON)
    version = put(store, "b", ON).version
    lose(client)
    with pytest.raises(StoreDoubted, match=why):
        put(store, "a", OFF, base=version)


@pytest.mark.parametrize("garbage", ["{{{", "", "[" * 1000, '{"rev":2}', '{"rev":99,"flag":{}}'])
def test_a_document_is_replaced_whatever_it_is(store, client, garbage):
    put(store, "a", ON)
    client.hset("{confkit}:flags", "a", garbage)
    with pytest.raises(FlagConflict, match="at revision 1"):
        put(store, "a", OFF, expect=99)
    assert put(store, "a", OFF, expect=1).revision == 2
    assert store.read().flags["a"].document == OFF


def test_a_request_counts_once(store, client):
    steps = store.commands.writing([("a", ON, None), ("b", ON, None)], by="", reason="")
    [command] = next(steps)
    call = ("EVAL", WRITE.text, *command[2:])
    first, again = client.execute_command(*call), client.execute_command(*call)
    assert first == again
    assert client.xlen("{confkit}:audit") == 2


def test_several_changes_are_one_hint_and_a_reader_takes_them_as_a_difference(store, client):
    put(store, "a", ON)
    before = store.read()
    heard = client.pubsub()
    heard.subscribe("{confkit}:changed")
    assert heard.get_message(timeout=1)["type"] == "subscribe"
    store.write_all([("a", None, 1), ("b", ON, 0), ("c", OFF, None)], by="", reason="")
    [message] = [heard.get_message(timeout=1), *filter(None, [heard.get_message(timeout=0.05)])]
    assert formats.Message.of(message["data"]).op == "~"
    after = store.read(before.version)
    assert (after.base, after.changed) == (before.version, {"a", "b", "c"})
    assert set(after.flags) == {"b", "c"}


def test_deletions_of_one_step_are_bounded_too(store, client, monkeypatch):
    monkeypatch.setattr(formats, "TOMBSTONES", 2)
    names = [f"f{number}" for number in range(5)]
    store.write_all([(name, ON, 0) for name in names], by="", reason="")
    put(store, "f0", OFF)
    store.write_all([(name, None, None) for name in names], by="", reason="")
    assert set(store.read().deleted) == {"f3", "f4"}
    assert put(store, "f0", ON).revision == 4, "a number never comes twice"
