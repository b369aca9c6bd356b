"""A small application with an admin API, and who may ask it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import pytest

from confkit import Check, Flag, Flags, MemoryStore, Secret, load
from confkit.admin import Admin, BearerTokens, Limits, Request, Response, Token

ADA = "ada-0123456789-0123456789"
EVE = "eve-0123456789-0123456789"  # known, and may do nothing
READER = "reader-0123456789-0123456789"
TOKENS = BearerTokens(
    Token("ada", Secret(ADA), "*"),
    Token("eve", Secret(EVE)),
    Token("reader", Secret(READER), ["config:read", "flags:read"]),
)
FREE = Limits(reads=None, writes=None, failed_logins=None)


@dataclass(frozen=True)
class Database:
    pool_size: Annotated[int, Check(min=1, max=100)] = 5
    password: Secret = Secret("hunter2-hunter2")
    url: str = "postgresql://u:pw-in-url@h/db"


@dataclass(frozen=True)
class Settings:
    name: str = "shop"
    debug: bool = False
    hosts: list[str] = field(default_factory=list)
    levels: dict[str, str] = field(default_factory=dict)
    database: Database = field(default_factory=Database)


RULES: dict[str, Any] = {
    "checkout": {"enabled": True, "percentage": 25, "allow": ["u1", "u2"], "owner": "shop"},
    "search": {"enabled": True, "variants": {"fast": 50, "slow": 50}},
}


def asking(admin: Any) -> Callable[..., Response]:
    """A function that sends one request, by Ada where nobody else is named."""

    def ask(
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str = ADA,
        kind: str = "application/json",
        address: str = "192.0.2.1",
        prefix: str = "",
        **headers: str,
    ) -> Response:
        data = (
            body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        )
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if token:
            sent.setdefault("authorization", f"Bearer {token}")
        if body is not None:
            sent = {"content-type": kind, "content-length": str(len(data)), **sent}
        path, _, query = path.partition("?")
        found: Response = admin.handle(
            Request(
                method,
                path,
                query,
                sent,
                read=lambda size: data[:size],
                address=address,
                prefix=prefix,
            )
        )
        return found

    return ask


@pytest.fixture
def files() -> dict[str, str]:
    """The files of the application, by name."""
    return {"config.yaml": "name: one\nhosts: [a]\n", "config.local.yaml": "debug: true\n"}


@pytest.fixture
def config(tmp_path: Path, files: dict[str, str]):
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    return load(Settings, root=tmp_path, environ={"LEVELS": '{"a.b": "no"}'})


@pytest.fixture
def flags():
    store = MemoryStore({name: dict(rule) for name, rule in RULES.items()})
    with Flags(store, [Flag("declared")], background=False) as made:
        yield made


@pytest.fixture
def admin(config, flags) -> Admin:
    return Admin(config, flags, auth=TOKENS, limits=FREE)


@pytest.fixture
def ask(admin):
    return asking(admin)


def events(admin: Any) -> list[dict[str, Any]]:
    """What is on record, oldest first."""
    return list(reversed(admin.gate.audit.entries("", 1000)))
