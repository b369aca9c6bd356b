"""The settings that the tests of the live handle load."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any

from confkit import (
    Check,
    Renamed,
    Secret,
)


@dataclass(frozen=True)
class Database:
    url: Secret = Secret("sqlite://")
    pool_size: Annotated[int, Check(min=1, max=100), Renamed("database.pool")] = 5


@dataclass(frozen=True)
class Cache:
    pool_size: int = 5
    hosts: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Settings:
    name: str = "shop"
    port: int = 80
    hosts: list[str] = field(default_factory=list)
    limits: dict[str, int] = field(default_factory=dict)
    database: Database = field(default_factory=Database)
    cache: Cache | None = None


@dataclass(frozen=True)
class Range:
    low: int = 1
    high: int = 2

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise ValueError(f"{self.low} is above {self.high}")


def size(config: Any) -> int:
    return config.current.database.pool_size
