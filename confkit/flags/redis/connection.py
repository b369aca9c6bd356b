"""Connections to Redis for the flags: where to, how patiently, and what an error means.

The only module that imports redis-py. Everything to say to a server is written once, as steps
that give commands and take replies; a thread and asyncio only differ in how they wait.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from inspect import signature
from typing import Any, NamedTuple, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit

from confkit.errors import (
    MissingExtra,
    StoreBusy,
    StoreDenied,
    StoreError,
    StoreFull,
    StoreReadOnly,
    StoreUnavailable,
)
from confkit.flags.redis.scripts import Script

try:
    import redis
    from redis import asyncio as aio
    from redis import exceptions as error
    from redis.asyncio.retry import Retry as AsyncRetry
    from redis.backoff import NoBackoff
    from redis.cluster import ClusterNode, RedisCluster
    from redis.maint_notifications import MaintNotificationsConfig
    from redis.retry import Retry
    from redis.sentinel import SentinelConnectionPool
except ImportError:
    raise MissingExtra("redis", "redis") from None

# Half of redis-py is without types.
_CLUSTER: Any = RedisCluster
_NODE: Any = ClusterNode
_SENTINEL: Any = SentinelConnectionPool
#: The protocol where none is asked for: 2 before redis-py 8.
_PROTOCOL: Any = getattr(redis.connection, "DEFAULT_RESP_VERSION", 2)

#: Before redis-py 8.1 clients of asyncio know no notifications of maintenance.
_ASYNC_TAKES_NOTIFICATIONS = "maint_notifications_config" in signature(aio.Redis).parameters

#: The client that asyncio needs.
ASYNC = aio.Redis

Result = TypeVar("Result")
Command = tuple[Any, ...]
#: Commands go out, replies come in. Several commands at once are one transaction.
Steps = Generator[Sequence[Command], list[Any], Result]

#: What redis-py raises, of every kind.
ERRORS = (error.RedisError, error.RedisClusterException)
#: What leaves it open whether a command was carried out.
LOST = (error.ConnectionError, error.TimeoutError)


class Asked(NamedTuple):
    """What a URL asks of us and not of redis-py; None where it does not."""

    namespace: str | None = None
    read_timeout: float | None = None
    write_timeout: float | None = None


def from_url(url: str, *, kind: Any = redis.Redis, **options: Any) -> tuple[Any, Asked]:
    """A client by redis-py's rules for URLs, and what the URL asks of us.

    ``socket_timeout=2`` in it stands for both time-outs.

    :raises confkit.StoreError: when it is no such URL; the message does not quote it.
    """
    try:
        where, mark, query = url.partition("?")
        parts = urlsplit(where)
        asked = parse_qsl(query, keep_blank_values=True)
        ours = (*Asked._fields, "socket_timeout")
        rest = urlencode([(key, value) for key, value in asked if key not in ours])
        found = dict(asked)
        both = found.get("socket_timeout")
        times = [_seconds(found.get(name, both)) for name in ("read_timeout", "write_timeout")]
        if parts.scheme != "unix":
            int(parts.path.strip("/") or 0)  # of what is no number redis-py makes database 0
        client = kind.from_url(where + mark + rest, **options)
        pool = client.connection_pool
        pool.connection_class(**pool.connection_kwargs)  # not connected: only to try the options
    except (ValueError, TypeError):
        # What urllib and redis-py cannot read they quote, and that may be the password.
        raise StoreError(
            "not a Redis URL: redis://[user:password@]host[:port][/database]"
            "[?namespace=name&read_timeout=seconds&write_timeout=seconds], "
            "rediss://… for TLS, or unix://[user:password@]/path?db=0"
        ) from None
    return client, Asked(found.get("namespace"), *times)


def _seconds(text: str | None) -> float | None:
    if text is None:
        return None
    seconds = float(text)
    if not 0 < seconds < 3600:
        raise ValueError("no time-out")
    return seconds


def place(client: Any) -> str:
    """Where a client connects to, without its password."""
    if isinstance(client, _CLUSTER):
        return "cluster " + ", ".join(sorted(str(node.name) for node in client.get_nodes()))
    pool = client.connection_pool
    options = pool.connection_kwargs
    if isinstance(pool, _SENTINEL):
        return f"sentinel service {pool.service_name!r}"
    user = f"{options['username']}@" if options.get("username") else ""
    if "path" in options:
        return f"unix://{user}{options['path']}"
    secure = (redis.SSLConnection, aio.SSLConnection)
    scheme = "rediss" if issubclass(pool.connection_class, secure) else "redis"
    where = f"{options.get('host', 'localhost')}:{options.get('port', 6379)}"
    return f"{scheme}://{user}{where}/{options.get('db') or 0}"


#: What redis-py puts into a pool's options for its own book-keeping, and does not take back.
_INTERNAL = ("maint_", "orig_", "himport_", "oss_cluster_", "connection_pool", "retry")


def like(client: Any, timeout: float) -> Any:
    """A client of its own to the same place: short time-outs, no retries, bytes."""
    if isinstance(client, _CLUSTER):
        given = client.get_connection_kwargs()
        # With the older protocol redis-py 7.2 to 8.0 refuses to be told that there are none.
        takes = str(given.get("protocol") or _PROTOCOL) != "2"
        options = _options(given, timeout, takes_notifications=takes)
        options.pop("db", None)  # a cluster has one, and does not take it back
        nodes = [_NODE(node.host, node.port) for node in client.get_nodes()]
        return _CLUSTER(startup_nodes=nodes, retry=Retry(NoBackoff(), 0), **options)
    pool = client.connection_pool
    awaited = isinstance(pool, aio.ConnectionPool)
    takes = not awaited or _ASYNC_TAKES_NOTIFICATIONS
    options = _options(pool.connection_kwargs, timeout, takes_notifications=takes)
    options["connection_class"] = pool.connection_class
    if awaited:
        options["retry"] = AsyncRetry(NoBackoff(), 0)
        return aio.Redis.from_pool(aio.ConnectionPool(**options))
    options["retry"] = Retry(NoBackoff(), 0)
    if isinstance(pool, _SENTINEL):
        options |= {"is_master": pool.is_master, "check_connection": pool.check_connection}
        pool = _SENTINEL(pool.service_name, pool.sentinel_manager, **options)
    else:
        pool = redis.ConnectionPool(**options)
    return redis.Redis.from_pool(pool)


def _options(
    given: Mapping[str, Any], timeout: float, *, takes_notifications: bool = True
) -> dict[str, Any]:
    options = {k: v for k, v in given.items() if not k.startswith(_INTERNAL)}
    options |= {
        "decode_responses": False,
        "socket_timeout": timeout,
        "health_check_interval": 0,
    }
    if takes_notifications:
        # With these the server may ask redis-py to wait ten seconds for every answer.
        options["maint_notifications_config"] = MaintNotificationsConfig(enabled=False)
    if "path" not in options:
        options["socket_connect_timeout"] = timeout
    return options


def scripted(script: Script, keys: list[str], given: list[Any]) -> Steps[list[Any]]:
    try:
        return (yield [("EVALSHA", script.digest, len(keys), *keys, *given)])
    except error.NoScriptError:
        # A server that does not know the script has done nothing yet.
        return (yield [("EVAL", script.text, len(keys), *keys, *given)])


def drive(client: Callable[[], Any], steps: Steps[Result]) -> Result:
    """Carry out ``steps`` in this thread; a client that cannot be made counts as no answer."""
    try:
        commands = next(steps)
        while True:
            try:
                replies = _replies(client(), commands)
            except ERRORS as failure:
                commands = steps.throw(failure)
            else:
                commands = steps.send(replies)
    except StopIteration as stop:
        result: Result = stop.value
        return result


def _replies(client: Any, commands: Sequence[Command]) -> list[Any]:
    if len(commands) == 1:
        return [client.execute_command(*commands[0])]
    with client.pipeline(transaction=True) as pipeline:
        for command in commands:
            pipeline.execute_command(*command)
        replies: list[Any] = pipeline.execute()
        return replies


async def drive_async(client: Any, steps: Steps[Result]) -> Result:
    """The same, with a client of ``redis.asyncio``."""
    try:
        commands = next(steps)
        while True:
            try:
                if len(commands) == 1:
                    replies = [await client.execute_command(*commands[0])]
                else:
                    async with client.pipeline(transaction=True) as pipeline:
                        for command in commands:
                            pipeline.execute_command(*command)
                        replies = await pipeline.execute()
            except ERRORS as failure:
                commands = steps.throw(failure)
            else:
                commands = steps.send(replies)
    except StopIteration as stop:
        result: Result = stop.value
        return result


def settings(client: Any) -> dict[str, str]:
    found = client.config_get("maxmemory-policy", "save", "appendonly")
    return {_text(k): _text(v) for k, v in found.items()}


def _text(value: bytes | str) -> str:
    """Text, whatever the protocol made of it."""
    return value.decode(errors="replace") if isinstance(value, bytes) else value


def worth_repeating(lost: Exception) -> bool:
    """Whether the same call may go better at once; a password does not get right by repetition."""
    refused = (error.AuthenticationError, error.AuthorizationError, error.BusyLoadingError)
    return not isinstance(lost, refused) and "max number of clients" not in str(lost)


@contextlib.contextmanager
def typed(client: Any) -> Iterator[None]:
    """Errors of redis-py, and of the sockets below it, as errors of ours."""
    try:
        yield
    except (*ERRORS, OSError) as failure:
        raise classified(failure, place(client)) from failure


#: By type where redis-py has one, else by the first word or by a phrase of the server's answer.
_TYPES: tuple[tuple[type[Exception], type[StoreError]], ...] = (
    (error.AuthenticationError, StoreDenied),
    (error.AuthorizationError, StoreDenied),
    (error.NoPermissionError, StoreDenied),
    (error.BusyLoadingError, StoreBusy),
    (error.ReadOnlyError, StoreReadOnly),
    (error.OutOfMemoryError, StoreFull),
    (error.ClusterCrossSlotError, StoreError),
    (error.TryAgainError, StoreBusy),
    (error.ClusterError, StoreUnavailable),
    (error.RedisClusterException, StoreUnavailable),
    (error.ConnectionError, StoreUnavailable),
    (error.TimeoutError, StoreUnavailable),
    (OSError, StoreUnavailable),
)
_ANSWERS: tuple[tuple[str, type[StoreError]], ...] = (
    ("max number of clients", StoreBusy),
    ("BUSY", StoreBusy),
    ("OOM ", StoreFull),
    ("READONLY", StoreReadOnly),
    ("NOPERM", StoreDenied),
    ("ACL failure", StoreDenied),
    ("MISCONF", StoreFull),
    ("NOREPLICAS", StoreUnavailable),
)


def classified(failure: Exception, where: str) -> StoreError:
    """The error of ours that a failure stands for; its text names the place, never a password."""
    said = str(failure) or type(failure).__name__
    kinds = [kind for phrase, kind in _ANSWERS if phrase in said]
    kinds += [kind for theirs, kind in _TYPES if isinstance(failure, theirs)]
    kind = kinds[0] if kinds else StoreError
    return kind(f"{where}: {said}")
