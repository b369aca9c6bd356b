"""A configuration of one file that is watched, for the tests of reloading."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from confkit import Check, Config, Environ, File, load

POLL = 0.3


@dataclass(frozen=True)
class Database:
    pool_size: Annotated[int, Check(min=1, max=100)] = 5
    timeout: int = 30


@dataclass(frozen=True)
class Settings:
    name: str = "shop"
    database: Database = field(default_factory=Database)


def text(size: int) -> str:
    return f"name: shop\ndatabase:\n  pool_size: {size}\n  timeout: {size + 1000}\n"


def until(true: Callable[[], bool], seconds: float = 6.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it never became true"
        time.sleep(0.005)


@contextlib.contextmanager
def live(path: Path, *, events: bool = True, settle: float = 3.0) -> Iterator[Config[Settings]]:
    if not path.exists():
        path.write_text(text(1))
    config = load(Settings, File(path, optional=True), Environ(environ={}))
    with config.watch(poll=POLL, events=events, settle=settle):
        yield config


def size(config: Config[Settings]) -> int:
    found = config.current.database
    assert found.timeout == found.pool_size + 1000  # never half of one and half of another
    return found.pool_size
