"""The settings of the shop: declared once, typed, checked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

from confkit import REQUIRED, Check, Doc, Env, Secret, Url


@dataclass(frozen=True)
class Database:
    url: Annotated[Secret, Url("postgresql", "mysql", "sqlite")] = Secret("sqlite:///app.db")
    pool_size: Annotated[int, Check(min=1, max=100), Doc("connections kept open")] = 5
    timeout: Annotated[int, Check(min=1), Doc("seconds")] = 30
    echo: Annotated[bool, Doc("print every statement")] = False


@dataclass(frozen=True)
class Redis:
    url: Annotated[str, Url("redis")] = "redis://localhost:6379/0"
    timeout: Annotated[int, Check(min=1), Doc("seconds")] = 5
    max_connections: Annotated[int, Check(min=1)] = 10


@dataclass(frozen=True)
class Api:
    base_url: Annotated[str, Url("https", "http")] = "https://api.example.com"
    timeout: Annotated[int, Check(min=1), Doc("seconds")] = 30
    retry_count: Annotated[int, Check(min=0, max=10)] = 3
    api_key: Annotated[Secret | None, Env("API_KEY")] = None


@dataclass(frozen=True)
class Features:
    new_dashboard: bool = False
    beta_api: bool = False
    advanced_analytics: bool = False


@dataclass(frozen=True)
class Settings:
    debug: bool = False
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    environment: Literal["development", "staging", "production"] = "development"
    secret_key: Annotated[Secret, Check(minlength=32), Doc("signs the sessions")] = REQUIRED
    jwt_secret: Annotated[Secret | None, Check(minlength=32), Doc("signs API tokens")] = None
    encryption_key: Annotated[Secret | None, Doc("opens encrypted values")] = None
    sentry_dsn: Secret | None = None
    datadog_api_key: Secret | None = None

    database: Database = field(default_factory=Database)
    redis: Redis = field(default_factory=Redis)
    api: Api = field(default_factory=Api)
    features: Annotated[Features, Env("FEATURE")] = field(default_factory=Features)
