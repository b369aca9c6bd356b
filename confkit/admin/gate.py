"""Who gets through: one order of checks for every request, before its body is read.

Authenticate, authorize, rate, route, method, media type, size, JSON, shape, precondition, apply.
Nobody learns from an answer which routes there are who is not known and admitted.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from typing import Any

from confkit.admin.audit import Audit, AuditMemory, entry
from confkit.admin.auth import COOKIE, Auth, Authorize, bearer, cookie, granted, same_origin
from confkit.admin.limits import Buckets, Limits
from confkit.admin.messages import PUBLIC, Principal, Request, Response
from confkit.admin.problems import Refused, from_error, response
from confkit.admin.recording import failure
from confkit.admin.routes import Call, Route, Table

log = logging.getLogger("confkit.admin")

#: What a path without a route asks for.
UNKNOWN = "unknown"
#: The header of an answer to who is not known.
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="confkit"'}


class Gate:
    """The checks before a route, and what is kept of them.

    :param auth: gives the principal of a request; required, and never None.
    :param authorize: whether a principal may do an action; by default what its grants say.
    :param by_address: whether rates are those of one address of a principal: for a token that many
        have.
    """

    def __init__(
        self,
        auth: Auth,
        *,
        authorize: Authorize | None,
        limits: Limits | None,
        audit: Audit | None,
        origins: Collection[str] = (),
        by_address: bool = False,
    ) -> None:
        if not callable(auth):
            raise TypeError("auth is required: a function from a request to a principal")
        self.auth = auth
        self.limits = limits or Limits()
        self.audit = AuditMemory() if audit is None else audit
        self.origins = frozenset(origins)
        self.buckets = Buckets(self.limits.remembered)
        self._by_address = by_address
        self._authorize = granted if authorize is None else authorize

    def answered(
        self, request: Request, table: Table, after: Callable[[Call], Response]
    ) -> Response:
        """The answer of the route that a request asks for, or the problem with it."""
        try:
            call = self.admitted(request, table)
            return call if isinstance(call, Response) else after(call)
        except Exception as error:
            return self.failed(request, error)

    def failed(self, request: Request, error: Exception) -> Response:
        """The problem that an error is answered with; what nobody expects is logged."""
        refused = from_error(error)
        if refused is None:
            failure(log, f"{request} failed", error)
            refused = Refused("internal")
        return response(refused)

    def admitted(self, request: Request, table: Table) -> Call | Response:
        """The call of a route, by whoever may make it; a response to who asks for the methods.

        :raises Refused: for the first check that fails.
        """
        principal = self.authenticated(request)
        found = table.find(request.path)
        method = "GET" if request.method == "HEAD" else request.method
        route = None if found is None else found.methods.get(method)
        self.authorized(request, principal, route, "" if found is None else _resource(found.names))
        self._rate(request, principal, route)
        if found is None:
            raise Refused("not-found")
        if route is None:
            allow = ", ".join(_allowed(found.methods))
            if method == "OPTIONS":
                return Response(204, [("Allow", allow), ("Cache-Control", "no-store")])
            raise Refused("method", headers={"Allow": allow})
        return Call(request, route, principal, self.limits, found.names)

    def authenticated(self, request: Request) -> Principal:
        """Who asks.

        :raises Refused: 401 for nobody, 403 for who is known and not admitted, 429 for an address
            that failed too often.
        """
        failed = ("failed", request.address)
        given = bool(bearer(request) or cookie(request, COOKIE))
        if given and (wait := self.buckets.take(failed, self.limits.failed_logins, cost=0)):
            raise _too_many(wait)
        principal = self.auth(request)
        if principal is None:
            key = failed if given else ("anonymous", request.address)
            if not self.buckets.take(key, self.limits.failed_logins):
                self.denied(request, None, "unauthenticated")
            raise Refused("unauthenticated", headers=CHALLENGE)
        if principal is False:
            self.denied(request, None, "forbidden")
            raise Refused("forbidden")
        if not isinstance(principal, Principal):
            raise TypeError("auth gives a Principal, None or False")
        return principal

    def authorized(
        self, request: Request, principal: Principal, route: Route | None, resource: str
    ) -> None:
        """Whether the principal may do that.

        :raises Refused: 403.
        """
        action = UNKNOWN if route is None else route.action
        if not self.may(principal, action, resource):
            self.denied(request, principal, "forbidden", action=action)
            raise Refused("forbidden")
        if not same_origin(request, self.origins):
            self.denied(request, principal, "other-origin", action=action)
            raise Refused("other-origin")

    def may(self, principal: Principal, action: str, resource: str) -> bool:
        """Whether a principal may do an action: only True admits.

        Who may evaluate every flag may evaluate the public ones.
        """
        actions = ("flags:evaluate", PUBLIC) if action == PUBLIC else (action,)
        return any(self._authorize(principal, one, resource) is True for one in actions)

    def _rate(self, request: Request, principal: Principal, route: Route | None) -> None:
        # What only answers what would change is read.
        dry = "dry_run=1" in request.query.split("&")
        writes = route is not None and route.writes and not dry
        rate = self.limits.writes if writes else self.limits.reads
        name = principal.name + (f" {request.address}" if self._by_address else "")
        if wait := self.buckets.take(("write" if writes else "read", name), rate):
            raise _too_many(wait)

    def denied(self, request: Request, principal: Principal | None, why: str, **facts: Any) -> None:
        """Put a denial on record; one that cannot be is logged, and denied all the same."""
        try:
            self.audit.write(entry("denied", request, principal, why=why, **facts))
        except Exception as error:
            failure(log, "a denial cannot be put on record", error)


def _too_many(wait: int) -> Refused:
    return Refused("too-many-requests", headers={"Retry-After": str(wait)})


def _allowed(methods: Collection[str]) -> list[str]:
    return sorted({*methods, "OPTIONS", *(("HEAD",) if "GET" in methods else ())})


def _resource(names: Mapping[str, str]) -> str:
    return next(iter(names.values()), "")
