"""``Admin``: the API itself, without I/O of its own and without a framework.

``handle`` takes a plain request and gives a plain response. What blocks is what it asks for: the
disk, Redis, and the body of the request once everything else about it is right.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from confkit.admin import etags
from confkit.admin.audit import Audit
from confkit.admin.auth import Auth, Authorize, BearerTokens, bearer, set_cookie
from confkit.admin.bodies import JSON, object_of
from confkit.admin.config_routes import OBJECT, ConfigRoutes
from confkit.admin.flag_routes import LIMIT, FlagRoutes
from confkit.admin.gate import UNKNOWN, Gate
from confkit.admin.limits import Limits
from confkit.admin.masking import masked
from confkit.admin.messages import Request, Response, answer
from confkit.admin.openapi import document
from confkit.admin.page import page, sign_in
from confkit.admin.problems import Refused
from confkit.admin.routes import Call, Parameter, Route, Table

if TYPE_CHECKING:
    from confkit.config import Config
    from confkit.flags.client import Flags

AFTER = Parameter("after", {"type": "string", "maxLength": 40}, "Only entries after this id.")


class Admin:
    """Change and ask configuration and flags over HTTP.

    :param config: the configuration; None: the API has no routes for one.
    :param flags: the client of the flags; None: the API has no routes for flags.
    :param auth: gives the principal of a request; required.
    :param authorize: whether a principal may do an action on a resource (a flag's name); by default
        what the grants of the principal say, which are none.
    :param limits: of bodies and rates.
    :param audit: where changes and denials are put on record; by default in memory.
    :param to: the file that changes of the configuration are written to; ``config.local.*``.
    :param origins: other origins whose pages may use a cookie.
    :param sample: ids that a change of a flag is tried on; without any, made-up ones.
    :raises TypeError: without ``auth``, and without anything to administer.

    ::

        admin = Admin(config, flags, auth=BearerTokens(Token("ada", os.environ["ADA"], "*")))
    """

    def __init__(
        self,
        config: Config[Any] | None = None,
        flags: Flags | None = None,
        *,
        auth: Auth,
        authorize: Authorize | None = None,
        limits: Limits | None = None,
        audit: Audit | None = None,
        to: Any = None,
        origins: Collection[str] = (),
        sample: Sequence[str] = (),
    ) -> None:
        if config is None and flags is None:
            raise TypeError("an API needs a configuration, flags, or both")
        self.gate = Gate(auth, authorize=authorize, limits=limits, audit=audit, origins=origins)
        self.config = None if config is None else ConfigRoutes(config, self.gate.audit, to)
        self.flags = None if flags is None else FlagRoutes(flags, self.gate.audit, sample)
        self.table = Table([*self._own(), *self._of(self.config), *self._of(self.flags)])

    @staticmethod
    def _of(part: ConfigRoutes | FlagRoutes | None) -> list[Route]:
        return [] if part is None else part.routes()

    def __repr__(self) -> str:
        return f"<Admin: {len(self.table.routes)} routes>"

    def _own(self) -> list[Route]:
        entries = {"type": "array", "items": {"$ref": "#/components/schemas/AuditEntry"}}
        return [
            Route("GET", "/", UNKNOWN, "The page for people.", self._page, answers={200: None}),
            Route("GET", "/status", "status:read", "How everything is.", self._status,
                  answers={200: OBJECT}),
            Route("GET", "/audit", "audit:read", "Changes and denials, newest first.", self._audit,
                  parameters=(AFTER, LIMIT), answers={200: entries}),
            Route("GET", "/openapi.json", UNKNOWN, "This description.", self._openapi,
                  answers={200: OBJECT}),
            Route("POST", "/session", UNKNOWN, "Exchange a token for the page's cookie.",
                  self._session, bodies={JSON: {"type": "object", "maxProperties": 0}},
                  needs_body=False, answers={204: None}, problems=(409,)),
            Route("DELETE", "/session", UNKNOWN, "Take the page's cookie away.", self._sign_out,
                  answers={204: None}),
        ]  # fmt: skip

    def handle(self, request: Request) -> Response:
        """The answer to a request. It never raises, and what it gives holds no secret."""
        found = self.gate.answered(request, self.table, _answered)
        if found.status == 401 and request.method == "GET":
            found = sign_in(request, found, self.gate.auth)
        if request.method == "HEAD":
            size = ("Content-Length", str(len(found.body)))
            found = Response(found.status, [*found.headers, size])
        return found

    def _status(self, call: Call) -> Response:
        made: dict[str, Any] = {}
        if self.config is not None:
            made["config"] = masked(self.config.config.status.as_dict())
        if self.flags is not None:
            made["flags"] = self.flags.status()
        return answer(200, made)

    def _audit(self, call: Call) -> Response:
        after, limit = call.text("after", 40), call.number("limit", 100, 1000)
        return answer(200, masked(self.gate.audit.entries(after, limit)))

    def _openapi(self, call: Call) -> Response:
        made = document(self.table, call.request.prefix)
        return answer(200, made, etag=etags.tag(str(made)))

    def _page(self, call: Call) -> Response:
        return page(call, self.config, self.flags, self.gate)

    def _session(self, call: Call) -> Response:
        """Give a browser the session of the token that it sent."""
        if object_of(call.content):
            raise Refused("shape", "a session takes no fields")
        auth = self.gate.auth
        value = auth.session(call.request) if isinstance(auth, BearerTokens) else None
        if value is None:
            detail = "send the token as Authorization: Bearer"
            raise Refused(
                "conflict", detail if not bearer(call.request) else "there are no sessions"
            )
        return answer(204, headers={"Set-Cookie": set_cookie(call.request, value)})

    def _sign_out(self, call: Call) -> Response:
        return answer(204, headers={"Set-Cookie": set_cookie(call.request, "")})


def _answered(call: Call) -> Response:
    call.take()
    return call.route.handler(call)
