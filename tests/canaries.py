"""A canary for every kind of source, all of them planted, and the forms in which one could leak."""

from __future__ import annotations

import base64
import html
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote, quote_plus

import pytest

from confkit import (
    Argv,
    Check,
    DotEnv,
    Environ,
    File,
    Secret,
    SecretBytes,
)
from confkit.secrets.keys import KeyRing, new_key
from tests.secrets.aws_server import FakeAws, ok, version
from tests.secrets.conftest import aws, credentials  # noqa: F401 - fixtures

KEY = new_key()
#: One for each source, so that a leak tells where it is from.
CANARIES = {
    where: f"C4n4ry+{where}/ünd Geheim'\"<&"
    for where in (
        *("yaml", "json", "toml", "dotenv", "environ", "argv", "override", "runtime", "code"),
        *("aws", "fernet", "file", "function", "list", "mapping", "item", "url", "bytes"),
    )
}


def forms(canary: str) -> set[str]:
    """Every way in which an output could spell a canary."""
    data = canary.encode()
    found = {
        *(canary, repr(canary)[1:-1], ascii(canary)[1:-1], repr(data)[2:-1]),
        *(json.dumps(canary)[1:-1], json.dumps(canary, ensure_ascii=False)[1:-1]),
        *(html.escape(canary), html.escape(canary, quote=False)),
        *(quote(canary), quote(canary, safe=""), quote_plus(canary)),
    }
    for offset in range(3):
        code = base64.b64encode(b"\0" * offset + data).decode().rstrip("=")
        found.add(code[(offset * 8 + 5) // 6 : (offset + len(data)) * 8 // 6])
    return found


FORMS = {form: where for where, canary in CANARIES.items() for form in forms(canary)}


def leaks(text: str) -> list[str]:
    """Which canaries a text shows."""
    return sorted({where for form, where in FORMS.items() if form in text})


@dataclass(frozen=True)
class Account:
    user: str = "u"
    password: Secret = Secret("none")


@dataclass(frozen=True)
class Settings:
    yaml: Secret = Secret("")
    json: Secret = Secret("")
    toml: Secret = Secret("")
    dotenv: Secret = Secret("")
    environ: Secret = Secret("")
    argv: Secret = Secret("")
    override: Secret = Secret("")
    runtime: Secret = Secret("")
    aws: Secret = Secret("")
    fernet: Secret = Secret("")
    file: Secret = Secret("")
    function: Secret = Secret("")
    url: Secret = Secret("")
    data: SecretBytes = SecretBytes(b"")
    code: Secret = Secret(CANARIES["code"])
    keys: list[Secret] = field(default_factory=list)
    named: dict[str, Secret] = field(default_factory=dict)
    accounts: list[Account] = field(default_factory=list)
    limit: Annotated[int, Check(min=1)] = 5


def plant(place: Path, monkeypatch: pytest.MonkeyPatch, server: FakeAws) -> list[Any]:
    """Write every canary into a source of its kind; gives the sources."""
    c = CANARIES
    server.answer = lambda operation, document: ok(**version(1, password=c["aws"], username="u"))
    monkeypatch.chdir(place)
    monkeypatch.syspath_prepend(str(place))
    (place / "secret.txt").write_text(c["file"])
    (place / "secret.txt").chmod(0o600)
    (place / "config.yaml").write_text(
        f"yaml: {json.dumps(c['yaml'], ensure_ascii=False)}\naws: ${{aws:db#password}}\n"
        f"file: ${{file:{place}/secret.txt}}\nfunction: ${{vault:x}}\n"
        f"keys: [{json.dumps(c['list'])}]\nnamed: {{a: {json.dumps(c['mapping'])}}}\n"
        f"accounts: [{{password: {json.dumps(c['item'])}}}]\n"
    )
    (place / "config.json").write_text(json.dumps({"json": c["json"]}))
    (place / "config.toml").write_text(f"toml = {json.dumps(c['toml'])}\n")
    quoted = c["dotenv"].replace("\\", "\\\\").replace("'", "\\'")
    token = KeyRing([KEY]).encrypt(c["fernet"])
    (place / ".env").write_text(f"DOTENV='{quoted}'\nENCRYPTION_KEY={KEY}\nFERNET=enc:{token}\n")
    environ = {
        "ENVIRON": c["environ"],
        "URL": f"postgresql://u:{quote(c['url'], safe='')}@h/db",
        "DATA": base64.b64encode(c["bytes"].encode()).decode(),
    }
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    return [
        *(File(place / f"config.{suffix}") for suffix in ("yaml", "json", "toml")),
        DotEnv(place / ".env"),
        Environ(),
        Argv(["--argv", c["argv"]]),
    ]


RESOLVERS = {"vault": lambda reference: CANARIES["function"]}
