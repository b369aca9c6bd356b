"""An HTTP API for configuration and flags: a core without I/O, and thin adapters to frameworks.

``Admin(config, flags, auth=...)`` is the API. ``confkit.admin.wsgi``, ``asgi`` and ``flask`` put it
into an application.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from confkit.lazy import names as _names

if TYPE_CHECKING:
    from confkit.admin.api import Admin as Admin
    from confkit.admin.audit import AuditFile as AuditFile
    from confkit.admin.audit import AuditMemory as AuditMemory
    from confkit.admin.auth import BearerTokens as BearerTokens
    from confkit.admin.auth import Token as Token
    from confkit.admin.auth import hash_token as hash_token
    from confkit.admin.auth import new_token as new_token
    from confkit.admin.limits import Limits as Limits
    from confkit.admin.messages import Principal as Principal
    from confkit.admin.messages import Request as Request
    from confkit.admin.messages import Response as Response
    from confkit.admin.ofrep import Ofrep as Ofrep

_HOME = {
    "Admin": ".api",
    "AuditFile": ".audit",
    "AuditMemory": ".audit",
    "BearerTokens": ".auth",
    "Limits": ".limits",
    "Ofrep": ".ofrep",
    "Principal": ".messages",
    "Request": ".messages",
    "Response": ".messages",
    "Token": ".auth",
    "hash_token": ".auth",
    "new_token": ".auth",
}
__all__ = sorted(_HOME)

__getattr__, __dir__ = _names(__name__, _HOME)
