"""Redis in tests: a fake in this process for every client, and one behind TCP for others."""

from __future__ import annotations

import functools
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from confkit.errors import MissingExtra
from confkit.testing.temporary import Temporary

try:
    import redis
    from redis import asyncio as aio
    from redis import connection as sync_connection
    from redis.asyncio import cluster as async_cluster
    from redis.asyncio import connection as async_connection
    from redis.backoff import NoBackoff
except ImportError:
    raise MissingExtra("redis", "test") from None
try:
    import fakeredis
except ImportError:
    raise MissingExtra("fakeredis", "test") from None

_FAKES: dict[Any, Any] = {
    sync_connection: fakeredis.FakeRedisConnection,
    async_connection: fakeredis.FakeAsyncRedisConnection,
}
#: Where a client of a cluster reaches for the network past the pools.
_OF_CLUSTERS = (
    (redis.RedisCluster, "__init__"),
    (aio.RedisCluster, "initialize"),
    (async_cluster.ClusterNode, "acquire_connection"),
)
#: What a connection to a server takes that the fake does not.
_REAL = (
    *("ssl", "connection_pool", "path", "host", "port", "redis_connect"),
    *("username", "password", "credential_provider"),  # the fake knows no users
)


class fake_redis(Temporary):  # noqa: N801 - used like a function
    """An empty Redis in this process, which every redis-py client talks to, made early or late.

    >>> with fake_redis() as server:
    ...     _ = redis.Redis("cache.example.com").set("a", "1")
    ...     server.client().get("a")
    '1'

    All hosts and ports lead to this one server. Its commands are those of fakeredis: Lua, streams,
    pub/sub and RESP3 among them; CLIENT TRACKING is not: for it there is
    :class:`confkit.testing.RedisServer`. A client of a cluster is refused. Passwords are not
    checked.
    """

    what = "fake_redis"
    #: An address for code that wants one; any other leads here, too.
    url = "redis://fake.invalid:6379/0"

    def _set(self) -> None:
        self.server = fakeredis.FakeServer()
        _stack.append(self)
        _install()

    def _undo(self) -> None:
        _stack.remove(self)
        self.server.connected = True
        for pool, fake in list(_adopted.items()):
            if fake is self:
                _release(pool)
        if not _stack:
            _uninstall()

    def client(self, **options: Any) -> redis.Redis:
        """A client of the fake that gives text: for what the test itself sets and looks at."""
        return redis.Redis.from_url(self.url, **{"decode_responses": True, **options})

    def async_client(self, **options: Any) -> aio.Redis:
        """The same for asyncio."""
        return aio.Redis.from_url(self.url, **{"decode_responses": True, **options})

    @contextmanager
    def outage(self) -> Iterator[None]:
        """Refuse connections, and break those there are, inside the block."""
        self.server.connected = False
        try:
            yield
        finally:
            self.server.connected = True

    def adopt(self, pool: Any, module: Any) -> None:
        """Let a pool make connections to the fake from now on."""
        if _adopted.get(pool) is self:
            return
        if issubclass(pool.connection_class, _FAKES[module]):
            return  # somebody's own fake
        _release(pool)
        # On the object: what copies a pool's options must not copy this.
        pool.make_connection = functools.partial(_connection, weakref.ref(pool), module, self)
        _adopted[pool] = self


_stack: list[fake_redis] = []
_adopted: weakref.WeakKeyDictionary[Any, fake_redis] = weakref.WeakKeyDictionary()
_originals: dict[tuple[type, str], Callable[..., Any]] = {}
_lock = threading.RLock()


def in_force() -> bool:
    """Whether a fake stands in for every Redis now."""
    return bool(_stack)


def _connection(pool_of: Callable[[], Any], module: Any, fake: fake_redis) -> Any:
    pool = pool_of()
    options = {
        name: value
        for name, value in pool.connection_kwargs.items()
        if not name.startswith(_REAL) and name != "server"
    }
    made = _FAKES[module](server=fake.server, **options)
    # As often as the client tries again, but at once: an outage costs a test no seconds.
    made.retry._backoff = NoBackoff()  # noqa: SLF001 - the rest of the policy stays
    if (kept := getattr(pool, "_connections", None)) is not None:
        kept.append(made)  # a blocking pool counts its own
    return made


def _release(pool: Any) -> None:
    """Drop a pool's connections, and let it make its own kind again."""
    vars(pool).pop("make_connection", None)
    _adopted.pop(pool, None)
    pool.reset()


def _install() -> None:
    with _lock:
        if _originals:
            return
        for module in _FAKES:
            for cls in (module.ConnectionPool, module.BlockingConnectionPool):
                original = vars(cls)["get_connection"]
                _originals[cls, "get_connection"] = original
                cls.get_connection = _adopting(original, module)
        for cls, name in _OF_CLUSTERS:
            _originals[cls, name] = vars(cls)[name]
            setattr(cls, name, _refused)


def _uninstall() -> None:
    with _lock:
        for (cls, name), original in _originals.items():
            setattr(cls, name, original)
        _originals.clear()


def _refused(client: Any, *args: Any, **options: Any) -> Any:
    raise NotImplementedError(
        "fake_redis is one server and no cluster: give the code a redis.Redis, or start a cluster "
        "of one with confkit.testing.RedisServer('--cluster-enabled', 'yes')"
    )


def _adopting(original: Callable[..., Any], module: Any) -> Callable[..., Any]:
    # A coroutine function gives a coroutine all the same: nothing here has to be awaited.
    @functools.wraps(original)
    def get_connection(pool: Any, *args: Any, **options: Any) -> Any:
        if _stack:
            _stack[-1].adopt(pool, module)
        return original(pool, *args, **options)

    return get_connection


class fake_redis_server(Temporary):  # noqa: N801 - used like a function
    """A fake Redis behind a TCP port of this machine, for other processes.

    >>> with fake_redis_server() as server:
    ...     _ = server.client().set("a", "1")
    """

    what = "fake_redis_server"

    def _set(self) -> None:
        self._server = fakeredis.TcpFakeServer(("127.0.0.1", 0))
        self._server.daemon_threads = True
        self.host, self.port = "127.0.0.1", int(self._server.server_address[1])
        # Half a second to stop is the default, since it looks so seldom.
        serve = functools.partial(self._server.serve_forever, poll_interval=0.01)
        self._thread = threading.Thread(target=serve, name="confkit-fake-redis", daemon=True)
        self._thread.start()

    def _undo(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Where it is: ``redis://127.0.0.1:PORT/0``."""
        return f"redis://{self.host}:{self.port}/0"

    def client(self, **options: Any) -> redis.Redis:
        """A client through the port that gives text."""
        return redis.Redis.from_url(self.url, **{"decode_responses": True, **options})
