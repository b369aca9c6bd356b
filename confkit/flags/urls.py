"""Stores by URL: ``redis://…``, ``rediss://…``, ``unix://…``, ``file:flags.yaml``, ``memory:``."""

from __future__ import annotations

from confkit.errors import StoreError
from confkit.flags.stores.port import Store

FORMS = "redis://…, rediss://…, unix://…, file:flags.yaml or memory:"


def open_store(url: str, *, timeout: float | None = None) -> Store:
    """The store that a URL names; nothing is read yet.

    :param url: ``file:flags.yaml``, ``redis://host:6379/0`` and the like.
    :param timeout: seconds that a store on a network is waited for, where the URL names none.
    :raises confkit.StoreError: when the URL names none; the URL is not quoted, since it may hold
        a password.
    :raises confkit.MissingExtra: when its client library is not installed.
    """
    scheme, separator, rest = url.partition(":")
    match scheme.lower() if separator else "":
        case "redis" | "rediss" | "unix":
            from confkit.flags.redis.store import RedisStore

            return RedisStore.from_url(url, read_timeout=timeout, write_timeout=timeout)
        case "file":
            from confkit.flags.stores.file import FileStore

            path = rest.removeprefix("//") if rest.startswith("///") else rest
            if not path or path.startswith("//"):
                raise StoreError("a file store is named as file:flags.yaml or file:///path")
            return FileStore(path)
        case "memory" if not rest:
            from confkit.flags.stores.memory import MemoryStore

            return MemoryStore()
    raise StoreError(f"no store has this URL; there are {FORMS}")
