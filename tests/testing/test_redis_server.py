"""A real redis-server of our own."""

from __future__ import annotations

import pytest
import redis

from confkit.errors import MissingExtra
from confkit.testing import RedisServer, redis_server


def test_it_starts_is_killed_and_comes_back_empty():
    with RedisServer() as server, server.client() as client:
        client.set("a", "1")
        server.freeze()
        server.revive()
        assert client.get("a") == "1"
        server.kill()
        with pytest.raises(redis.ConnectionError):
            redis.Redis.from_url(server.url, retry=None).get("a")
        server.revive()
        assert redis.Redis.from_url(server.url).get("a") is None
    assert not server.directory.exists()


def test_no_server_on_the_machine_is_told(monkeypatch):
    monkeypatch.setattr(redis_server.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(redis_server.shutil, "which", lambda name: None)
    with pytest.raises(MissingExtra, match="test"):
        redis_server.binary()
