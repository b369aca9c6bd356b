"""The fake Redis: every client, made early or late, and nothing left over."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest
import redis
from redis import asyncio as aio
from redis.asyncio import cluster as async_cluster

from confkit import Flags, RedisStore
from confkit.testing import fake_redis, fake_redis_server

#: Made before any fake, as clients of modules are.
EARLY = redis.Redis("cache.invalid", decode_responses=True)
BLOCKING = redis.BlockingConnectionPool(host="cache.invalid", max_connections=2, timeout=1)

MADE = {
    "host": lambda: redis.Redis("h.invalid", 1),
    "url": lambda: redis.Redis.from_url("redis://user:password@h.invalid:1/0"),
    "tls": lambda: redis.Redis.from_url("rediss://h.invalid:1/0"),
    "socket": lambda: redis.Redis(unix_socket_path="/nowhere"),
    "blocking": lambda: redis.Redis(connection_pool=BLOCKING),
    "early": lambda: EARLY,
    "sentinel": lambda: redis.Sentinel([("s.invalid", 1)]).master_for("main"),
    "resp3": lambda: redis.Redis("h.invalid", protocol=3),
}


@pytest.mark.parametrize("how", MADE)
def test_every_client_talks_to_it_and_starts_empty(how):
    for _ in range(2):
        with fake_redis() as fake:
            client = MADE[how]()
            assert client.get("a") is None
            client.set("a", "1")
            assert fake.client().get("a") == "1"


def test_asyncio_too():
    early = aio.Redis.from_url("redis://h.invalid:1/0")

    async def use(fake):
        for client in (early, aio.Redis(host="other.invalid"), fake.async_client()):
            assert await client.incr("a")
            await client.aclose()

    for _ in range(2):
        with fake_redis() as fake:
            asyncio.run(use(fake))
            assert fake.client().get("a") == "3"


def test_after_it_clients_are_their_own_again():
    own = redis.connection.ConnectionPool.get_connection
    pool = EARLY.connection_pool
    with fake_redis():
        EARLY.set("a", "1")
    assert redis.connection.ConnectionPool.get_connection is own
    assert type(pool.make_connection()) is redis.Connection
    pool.reset()


def test_what_copies_a_client_copies_no_fake():
    """A store opens connections of its own, like those of the client it is given."""
    with fake_redis():
        EARLY.set("a", "1")
        options = EARLY.connection_pool.connection_kwargs
        assert "server" not in options
        assert EARLY.connection_pool.connection_class is redis.Connection


def test_one_inside_another():
    with fake_redis() as outer:
        EARLY.set("a", "outer")
        with fake_redis():
            assert EARLY.get("a") is None
        assert outer.client().get("a") == "outer"
        assert EARLY.get("a") == "outer"


def test_an_outage():
    with fake_redis() as fake:
        EARLY.set("a", "1")
        with fake.outage(), pytest.raises(redis.ConnectionError):
            EARLY.get("a")
        assert EARLY.get("a") == "1"


def test_messages():
    with fake_redis() as fake:
        subscriber = EARLY.pubsub(ignore_subscribe_messages=True)
        subscriber.subscribe("c")
        subscriber.get_message(timeout=1)
        fake.client().publish("c", "hi")
        assert subscriber.get_message(timeout=1)["data"] == "hi"


def test_flags_in_it():
    with fake_redis() as fake:
        store = RedisStore.from_url("redis://prod.invalid")
        with Flags(store, background=False) as flags:
            flags.set("a", enabled=True)
            with fake.outage():
                assert flags.enabled("a")
        assert Flags(RedisStore.from_url("redis://x.invalid"), background=False).enabled("a")


def test_a_server_for_other_processes():
    code = "import redis, sys; print(redis.Redis.from_url(sys.argv[1]).incr('a'))"
    with fake_redis_server() as server:
        server.client().set("a", "1")
        done = subprocess.run(
            [sys.executable, "-c", code, server.url], capture_output=True, text=True, check=True
        )
        assert done.stdout == "2\n"
    with pytest.raises(redis.ConnectionError):
        redis.Redis.from_url(server.url, retry=None).get("a")


def test_a_client_of_a_cluster_is_refused_and_reaches_no_network():
    early = aio.RedisCluster("cluster.invalid")
    node = async_cluster.ClusterNode("cluster.invalid", 1)
    with fake_redis():
        with pytest.raises(NotImplementedError, match=r"no cluster: .*RedisServer"):
            redis.RedisCluster("cluster.invalid")
        for client in (early, aio.RedisCluster.from_url("redis://cluster.invalid")):
            with pytest.raises(NotImplementedError):
                asyncio.run(client.get("a"))
        with pytest.raises(NotImplementedError):
            node.acquire_connection()
    with pytest.raises(redis.exceptions.RedisClusterException):
        redis.RedisCluster("cluster.invalid")
