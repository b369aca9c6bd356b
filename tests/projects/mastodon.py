"""The settings of Mastodon, a social network, as its documentation of the environment has them.

https://docs.joinmastodon.org/admin/config/, written for these tests.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network
from typing import Annotated, Literal

from confkit import REQUIRED, Check, Env, Seconds, Secret, Url

Port = Annotated[int, Check(min=1, max=65535)]


@dataclass(frozen=True)
class Database:
    host: str = "/var/run/postgresql"
    port: Port = 5432
    name: str = "mastodon_production"
    user: str = "mastodon"
    password: Annotated[Secret | None, Env("DB_PASS")] = None
    pool: Annotated[int, Check(min=1)] = 5
    sslmode: Literal["disable", "allow", "prefer", "require", "verify-ca", "verify-full"] = "prefer"


@dataclass(frozen=True)
class Redis:
    host: str = "localhost"
    port: Port = 6379
    url: Annotated[Secret | None, Url("redis")] = None


@dataclass(frozen=True)
class Mail:
    server: str | None = None
    port: Port = 587
    login: str | None = None
    password: Secret | None = None
    from_address: str = "notifications@localhost"
    auth_method: Literal["plain", "login", "cram_md5", "none"] = "plain"
    enable_starttls: Literal["always", "auto", "never"] = "auto"
    ssl: bool = False


@dataclass(frozen=True)
class ObjectStore:
    enabled: bool = False
    bucket: str | None = None
    region: str | None = None
    endpoint: Annotated[str | None, Url("https")] = None
    force_single_request: bool = False


@dataclass(frozen=True)
class Settings:
    local_domain: str = REQUIRED
    web_domain: str | None = None
    alternate_domains: tuple[str, ...] = ()
    secret_key_base: Annotated[Secret, Check(minlength=32)] = REQUIRED
    otp_secret: Annotated[Secret, Check(minlength=32)] = REQUIRED
    single_user_mode: bool = False
    limited_federation_mode: bool = False
    default_locale: str = "en"
    rails_log_level: Literal["debug", "info", "warn", "error", "fatal"] = "info"
    trusted_proxy_ip: tuple[IPv4Network | IPv6Network, ...] = ()
    ip_retention_period: Annotated[timedelta, Seconds()] = timedelta(days=365)
    session_retention_period: Annotated[timedelta, Seconds()] = timedelta(days=365)
    web_concurrency: Annotated[int, Check(min=0)] = 2
    es_enabled: bool = False
    es_host: str = "localhost"
    aws_access_key_id: Secret | None = None
    aws_secret_access_key: Secret | None = None

    database: Annotated[Database, Env("DB")] = field(default_factory=Database)
    redis: Redis = field(default_factory=Redis)
    mail: Annotated[Mail, Env("SMTP")] = field(default_factory=Mail)
    s3: ObjectStore = field(default_factory=ObjectStore)
