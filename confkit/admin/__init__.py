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

__getattr__, __dir__ = _names(
    __name__,
    {
        "Admin": "confkit.admin.api",
        "AuditFile": "confkit.admin.audit",
        "AuditMemory": "confkit.admin.audit",
        "BearerTokens": "confkit.admin.auth",
        "Limits": "confkit.admin.limits",
        "Ofrep": "confkit.admin.ofrep",
        "Principal": "confkit.admin.messages",
        "Request": "confkit.admin.messages",
        "Response": "confkit.admin.messages",
        "Token": "confkit.admin.auth",
        "hash_token": "confkit.admin.auth",
        "new_token": "confkit.admin.auth",
    },
)
