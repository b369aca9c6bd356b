"""What is told to Redis, on a server without I/O."""

from __future__ import annotations

import fakeredis
import pytest

from confkit.flags import Flags
from confkit.flags.redis import connection
from confkit.flags.redis.mirror import Mirror
from confkit.flags.redis.store import RedisStore
from confkit.flags.stores.port import FlagSet, Stored, Version


@pytest.fixture
def store():
    made = RedisStore(fakeredis.FakeRedis())
    yield made
    made.close()


def test_history_goes_through_pages_and_passes_what_is_not_ours(monkeypatch, store):
    monkeypatch.setattr("confkit.flags.redis.commands.PAGE", 3)
    for number in range(10):
        document = {"enabled": True, "percentage": number}
        store.write("a" if number % 2 else "b", document, expect=None, by="", reason="")
    store._connected().writer.xadd("{confkit}:audit", {"by": "hand"})
    assert [r.revision for r in store.history("a")] == [5, 4, 3, 2, 1]
    assert [r.revision for r in store.history("a", limit=4)] == [5, 4, 3, 2]
    assert len(store.history(limit=100)) == 10
    assert store.history(limit=0) == []


@pytest.mark.parametrize(
    "versions", [lambda n: 1, lambda n: n + 1, lambda n: 1 + n // 4], ids=["one", "each", "four"]
)
@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 6, 7, 12])
def test_pages_lose_no_flag_whatever_versions_they_share(monkeypatch, store, count, versions):
    monkeypatch.setattr("confkit.flags.redis.commands.PAGE", 3)
    flags = {f"f{n}": Stored({"enabled": True}, 1, changed=versions(n)) for n in range(count)}
    assert store.seed(FlagSet(Version("e", 20), flags), Version("", 0))
    found = store.read()
    assert set(found.flags) == set(flags)
    assert found.damage == ""


def test_what_changes_between_pages_is_read_as_it_is_at_the_end(monkeypatch, store):
    monkeypatch.setattr("confkit.flags.redis.commands.PAGE", 2)
    for number in range(7):
        store.write(f"f{number}", {"enabled": True}, expect=0, by="", reason="")
    steps, turns, replies = store.commands.everything(Mirror()), 0, None
    changes = iter([("f6", None), ("f1", {"enabled": False}), ("f7", {"enabled": True})])
    try:
        while True:
            commands = steps.send(replies)
            pipeline = store._connected().reader.pipeline(transaction=True)
            for command in commands:
                pipeline.execute_command(*command)
            replies, turns = pipeline.execute(), turns + 1
            if change := next(changes, None):
                store.write(*change, expect=None, by="", reason="")
    except StopIteration as stop:
        mirror = stop.value
    there = store.read()
    assert (mirror.flags, mirror.version) == (there.flags, there.version)
    assert set(there.flags) == {"f0", "f1", "f2", "f3", "f4", "f5", "f7"}
    assert turns < 10


def test_a_start_takes_two_answers_and_a_change_five_more(monkeypatch, store):
    """On a link of half a second each answer counts."""
    store.write("a", {"enabled": True}, expect=0, by="", reason="")  # the script is known
    other = RedisStore(store._pattern, read_timeout=1, write_timeout=1)
    assert len(set(map(id, other._connected()))) == 1, "one connection for both"
    asked = []
    real = connection._replies
    monkeypatch.setattr(connection, "_replies", lambda *a: asked.append(a) or real(*a))
    with Flags(other, background=False) as flags:
        assert len(asked) == 2
        flags.set("a", enabled=False)
        assert len(asked) == 2 + 5, "look, change, look, which flags, their documents"
