"""The admin API in real servers: ``gunicorn tests.faults.admin_app:wsgi``, ``uvicorn ...:asgi``.

``ADMIN_ROOT`` is the directory of its files, ``ADMIN_FREE`` lifts the rates.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from confkit import FileStore, Flags, Secret, load
from confkit.admin import Admin, AuditFile, BearerTokens, Limits, Ofrep, Principal, Token
from confkit.admin.asgi import ASGI
from confkit.admin.wsgi import WSGI
from tests.faults.admin_server import TOKEN


@dataclass(frozen=True)
class Settings:
    count: int = 0
    name: str = "shop"
    password: Secret = Secret("")


def auth(request):
    """The bearer of a token; or whoever a header names, to be many."""
    name = request.header("x-name")
    if name.startswith("load-"):
        return Principal(name, frozenset({"status:read"}))
    return TOKENS(request)


root = Path(os.environ["ADMIN_ROOT"])
TOKENS = BearerTokens(Token("ada", Secret(TOKEN), "*"))
free = Limits(reads=None, writes=None, failed_logins=None)
config = load(Settings, root=root, environ={"PASSWORD": os.environ.get("ADMIN_SECRET", "x" * 20)})
flags = Flags(FileStore(root / "flags.yaml"))
admin = Admin(
    config,
    flags,
    auth=auth,
    limits=free if os.environ.get("ADMIN_FREE") else None,
    audit=AuditFile(root / "audit.jsonl"),
)


class Counting:
    """The API, which also tells how many principals it remembers."""

    gate = admin.gate

    def handle(self, request):
        found = admin.handle(request)
        found.headers.append(("X-Remembered", str(len(admin.gate.buckets))))
        found.headers.append(("X-Pid", str(os.getpid())))
        return found


ofrep = ASGI(Ofrep(flags, auth=auth, limits=free))
wsgi = WSGI(Counting())
asgi = ASGI(Counting())
