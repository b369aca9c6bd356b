"""Feature flags, decided in memory, always with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from confkit.lazy import names as _names

if TYPE_CHECKING:
    from confkit.flags.aio import AsyncFlags as AsyncFlags
    from confkit.flags.cleanup import UnusedFlag as UnusedFlag
    from confkit.flags.cleanup import unused_flags as unused_flags
    from confkit.flags.client import Flags as Flags
    from confkit.flags.replica.status import Status as Status
    from confkit.flags.replica.view import FlagsChange as FlagsChange
    from confkit.flags.rules.decision import Decision as Decision
    from confkit.flags.rules.decision import Reason as Reason
    from confkit.flags.rules.model import Flag as Flag
    from confkit.flags.rules.model import Rule as Rule
    from confkit.flags.rules.rollout import Rollout as Rollout
    from confkit.flags.stores.file import FileStore as FileStore
    from confkit.flags.stores.memory import MemoryStore as MemoryStore
    from confkit.flags.urls import open_store as open_store

_HOME = {
    "AsyncFlags": ".aio",
    "Decision": ".rules.decision",
    "FileStore": ".stores.file",
    "Flag": ".rules.model",
    "Flags": ".client",
    "FlagsChange": ".replica.view",
    "MemoryStore": ".stores.memory",
    "Reason": ".rules.decision",
    "Rollout": ".rules.rollout",
    "Rule": ".rules.model",
    "Status": ".replica.status",
    "UnusedFlag": ".cleanup",
    "open_store": ".urls",
    "unused_flags": ".cleanup",
}
__all__ = sorted(_HOME)

__getattr__, __dir__ = _names(__name__, _HOME)
