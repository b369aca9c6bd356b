"""The configuration file of Alertmanager, as the documentation of Prometheus has it.

https://prometheus.io/docs/alerting/latest/configuration/, written for these tests: a tree of routes
that contain routes, durations, keys that are words of Python, lists of receivers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated, Any

from confkit import REQUIRED, Alias, Check, Open, Secret, Url


@dataclass(frozen=True)
class Global:
    smtp_from: str | None = None
    smtp_smarthost: str | None = None
    smtp_auth_username: str | None = None
    smtp_auth_password: Secret | None = None
    smtp_require_tls: bool = True
    slack_api_url: Annotated[Secret | None, Url("https")] = None
    resolve_timeout: timedelta = timedelta(minutes=5)


@dataclass(frozen=True)
class Route:
    receiver: str | None = None
    group_by: list[str] = field(default_factory=list)
    go_on: Annotated[bool, Alias("continue")] = False
    matchers: list[str] = field(default_factory=list)
    group_wait: timedelta = timedelta(seconds=30)
    group_interval: timedelta = timedelta(minutes=5)
    repeat_interval: Annotated[timedelta, Check(min=timedelta(seconds=1))] = timedelta(hours=4)
    routes: list[Route] = field(default_factory=list)


@dataclass(frozen=True)
class Mail:
    to: str
    sender: Annotated[str | None, Alias("from")] = None
    send_resolved: bool = False


@dataclass(frozen=True)
class Slack:
    channel: str
    api_url: Annotated[Secret | None, Url("https")] = None
    send_resolved: bool = False
    #: what this version has no field for, passed on as it is
    more: Annotated[dict[str, Any], Open()] = field(default_factory=dict)


@dataclass(frozen=True)
class Receiver:
    name: str
    email_configs: list[Mail] = field(default_factory=list)
    slack_configs: list[Slack] = field(default_factory=list)


@dataclass(frozen=True)
class Inhibition:
    source_matchers: list[str] = field(default_factory=list)
    target_matchers: list[str] = field(default_factory=list)
    equal: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Settings:
    route: Route = REQUIRED
    receivers: Annotated[list[Receiver], Check(minlength=1)] = REQUIRED
    whole: Annotated[Global, Alias("global")] = field(default_factory=Global)
    inhibit_rules: list[Inhibition] = field(default_factory=list)
    templates: list[str] = field(default_factory=list)
