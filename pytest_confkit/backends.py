"""Fixtures of backends: Redis and AWS. Each imports its library when it is first used."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from confkit.testing.aws import fake_aws as Aws  # noqa: N812
    from confkit.testing.redis import fake_redis as Redis  # noqa: N812
    from confkit.testing.redis import fake_redis_server as Server  # noqa: N812
    from confkit.testing.redis_server import RedisServer


@pytest.fixture
def fake_redis() -> Iterator[Redis]:
    """An empty Redis in this process, that every redis-py client talks to."""
    from confkit.testing import fake_redis

    with fake_redis(site="the fixture fake_redis") as fake:
        yield fake


@pytest.fixture(scope="session")
def confkit_redis_server() -> Iterator[Server]:
    """The TCP server of fake_redis_server, started once."""
    from confkit.testing import fake_redis_server

    with fake_redis_server(site="the fixture fake_redis_server") as server:
        yield server


@pytest.fixture
def fake_redis_server(confkit_redis_server: Server) -> Server:
    """An empty fake Redis behind a TCP port, for other processes: its url."""
    with confkit_redis_server.client() as client:
        client.flushall()
    return confkit_redis_server


@pytest.fixture(scope="session")
def confkit_real_redis() -> Iterator[RedisServer]:
    """The redis-server of real_redis, started once."""
    from confkit.testing import RedisServer

    with RedisServer() as server:
        yield server


@pytest.fixture
def real_redis(confkit_real_redis: RedisServer) -> RedisServer:
    """An empty redis-server of our own on a port of this machine; it may be frozen and killed."""
    confkit_real_redis.revive()
    with confkit_real_redis.client() as client:
        client.flushall()
        client.script_flush()
    return confkit_real_redis


@pytest.fixture
def fake_aws() -> Iterator[Aws]:
    """An empty AWS account in this process: fake_aws.seed(secrets={'name': {...}})."""
    from confkit.testing import fake_aws

    with fake_aws(site="the fixture fake_aws") as fake:
        yield fake
