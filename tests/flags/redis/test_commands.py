"""What is told to Redis, on a server without I/O."""

from __future__ import annotations

import fakeredis
import pytest

from confkit.flags.redis.store import RedisStore


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
