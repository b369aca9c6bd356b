"""Feature flags, decided in memory, always with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from confkit.flags.client import Flags as Flags
    from confkit.flags.file import FileStore as FileStore
    from confkit.flags.memory import MemoryStore as MemoryStore
    from confkit.flags.model import Decision as Decision
    from confkit.flags.model import Flag as Flag
    from confkit.flags.model import Reason as Reason
    from confkit.flags.model import Rule as Rule
    from confkit.flags.rollout import Rollout as Rollout
    from confkit.flags.staleness import StaleFlag as StaleFlag
    from confkit.flags.status import Status as Status
    from confkit.flags.subscribers import FlagsChange as FlagsChange
    from confkit.flags.urls import open_store as open_store

_FROM = {
    "Decision": "model",
    "FileStore": "file",
    "Flag": "model",
    "Flags": "client",
    "FlagsChange": "subscribers",
    "MemoryStore": "memory",
    "Reason": "model",
    "Rollout": "rollout",
    "Rule": "model",
    "StaleFlag": "staleness",
    "Status": "status",
    "open_store": "urls",
}
__all__ = sorted(_FROM)


def __getattr__(name: str) -> Any:
    if name not in _FROM:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f"{__name__}.{_FROM[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_FROM})
