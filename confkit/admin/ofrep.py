"""OFREP 0.3: flags evaluated over HTTP, for browsers and for programs in other languages."""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urlsplit

from confkit.admin import etags
from confkit.admin.audit import Audit
from confkit.admin.auth import Auth, Authorize
from confkit.admin.bodies import JSON
from confkit.admin.events import Hub, Refetch, Tickets
from confkit.admin.gate import Gate
from confkit.admin.limits import Limits, Rate
from confkit.admin.messages import PUBLIC, Principal, Request, Response, answer, dumps
from confkit.admin.ofrep_answers import attributes, failure, not_found, success
from confkit.admin.problems import Refused
from confkit.admin.routes import Call, Parameter, Route, Table
from confkit.flags.client import Flags
from confkit.secret import Secret

EVALUATE = "/ofrep/v1/evaluate/flags"
EVENTS = "/ofrep/v1/events"
#: More than for the admin API: every page of a browser asks.
DEFAULT = Limits(reads=Rate(100, 200))
#: How many clients may listen at once, and how many answers are remembered for ``304``.
STREAMS, REMEMBERED = 1000, 1000
#: Seconds after which a hidden page closes its stream.
INACTIVITY = 120
#: What a page may send, and read of an answer, where its origin is listed.
_ALLOWED = "Authorization, Content-Type, If-None-Match, X-API-Key"
_EXPOSED = "ETag, Retry-After"
_CONTEXT: Mapping[str, Any] = {
    "type": "object",
    "required": ["context"],
    "properties": {"context": {"type": "object"}},
}
_OBJECT: Mapping[str, Any] = {"type": "object"}
_QUERY = (
    Parameter("flagConfigEtag", {"type": "string"}, "What an event told."),
    Parameter("flagConfigLastModified", {"type": "string"}, "What an event told."),
)


class Ofrep:
    """Evaluates flags by OFREP, under a prefix of its own.

    A principal with ``flags:evaluate`` gets every flag; one with ``flags:evaluate:public`` those
    that are declared ``public``, and nothing of their rules.

    :param origins: whose pages may ask, exactly as browsers send them: ``https://shop.example``.
    :param ticket_key: signs the tickets of event streams; random without one: give one where
        several processes answer.
    :param streams: how many clients may listen to events at once.
    :raises ValueError: for an origin that no browser sends.
    """

    def __init__(
        self,
        flags: Flags,
        *,
        auth: Auth,
        authorize: Authorize | None = None,
        origins: Collection[str] = (),
        limits: Limits = DEFAULT,
        audit: Audit | None = None,
        ticket_key: Secret | None = None,
        streams: int = STREAMS,
    ) -> None:
        if not callable(auth):
            raise TypeError("auth is required: a function from a request to a principal")
        self.flags = flags
        self.origins = frozenset(map(_origin, origins))
        self._auth = auth
        self.gate = Gate(
            self._authenticated, authorize=authorize, limits=limits, audit=audit,
            origins=self.origins, by_address=True,
        )  # fmt: skip
        self.hub = Hub(flags)
        self._tickets = Tickets(ticket_key)
        self._streams = streams
        self._tags: OrderedDict[tuple[int, int, bool, bytes], str] = OrderedDict()
        self.table = Table(self._routes())

    def _routes(self) -> list[Route]:
        bodies, answers = {JSON: _CONTEXT}, {200: _OBJECT}
        ticket = Parameter("ticket", {"type": "string"}, "From the bulk evaluation.")
        return [
            Route("POST", f"{EVALUATE}/{{key}}", PUBLIC, "Evaluate one flag.", self._one,
                  bodies=bodies, answers=answers, problems=(404,)),
            Route("POST", EVALUATE, PUBLIC, "Evaluate every flag.", self._bulk,
                  bodies=bodies, answers=answers, parameters=_QUERY, conditional=True),
            Route("GET", EVENTS, PUBLIC, "Be told to evaluate again.", self._events,
                  parameters=(ticket,), answers={200: None}),
        ]  # fmt: skip

    # -- answering

    def handle(self, request: Request) -> Response:
        """The answer to a request; it never raises."""
        origin = request.header("origin")
        listed = origin in self.origins
        if (
            listed
            and request.method == "OPTIONS"
            and request.header("access-control-request-method")
        ):
            found = Response(204, [
                ("Access-Control-Allow-Methods", "GET, POST"),
                ("Access-Control-Allow-Headers", _ALLOWED),
                ("Access-Control-Max-Age", "600"),
            ])  # fmt: skip
        else:
            found = self.gate.answered(request, self.table, self._answered)
            if found.status == 500:
                found = answer(500, {"errorDetails": "the evaluation failed"})
        if self.origins:
            found.headers.append(("Vary", "Origin"))
        if listed:
            found.headers.append(("Access-Control-Allow-Origin", origin))
            found.headers.append(("Access-Control-Expose-Headers", _EXPOSED))
        return found

    def _answered(self, call: Call) -> Response:
        key = call.names.get("key")
        try:
            call.take()
            return call.route.handler(call)
        except Refused as refused:
            if refused.kind not in _CODES:
                raise
            return answer(400, failure(_CODES[refused.kind], refused.detail, key), refused.headers)

    def _authenticated(self, request: Request) -> Any:
        """Who asks: by a ticket for a stream, by what the host wants for everything else."""
        if request.path != EVENTS:
            return self._auth(request)
        try:
            tickets = request.parameters().get("ticket", [])
        except ValueError:
            return None
        facts = self._tickets.facts(tickets[0]) if len(tickets) == 1 else None
        return None if facts is None else Principal(facts["name"], frozenset({PUBLIC}))

    def _public(self, principal: Principal) -> bool:
        """Whether a principal may see public flags only."""
        return not self.gate.may(principal, "flags:evaluate", "")

    def _one(self, call: Call) -> Response:
        name, public = call.names["key"], self._public(call.principal)
        given = attributes(call.content)
        if not self._there(name) or (public and not self._is_public(name)):
            return answer(404, not_found(name[:200]))
        decision = self.flags.decide(name, given)
        return answer(200, success(decision, texts=self._texts(name), public=public))

    def _bulk(self, call: Call) -> Response:
        public, changes = self._public(call.principal), self.hub.changes
        # A client that is told "not modified" keeps its ticket, too: not for longer than it counts.
        window = self._tickets.window() if call.request.streams else 0
        given = attributes(call.content)
        digest = hashlib.sha256(json.dumps(given, sort_keys=True).encode()).digest()
        place = (changes, window, public, digest)
        known = self._tags.get(place)
        if known is not None and etags.unchanged(call.request, known):
            return answer(304, etag=known)
        version = self.hub.version()
        decisions = self.flags.all(given).values()
        flags = [
            success(one, texts=self._texts(one.name), public=public)
            for one in decisions
            if not public or self._is_public(one.name)
        ]
        etag = etags.tag(dumps(flags), str(window))
        self._remember(place, etag)
        if etags.unchanged(call.request, etag):
            return answer(304, etag=etag)
        value: dict[str, Any] = {"flags": flags}
        if call.request.streams:
            value["eventStreams"] = [self._stream(call, version)]
        return answer(200, value, etag=etag)

    def _remember(self, place: tuple[int, int, bool, bytes], etag: str) -> None:
        """Keep a tag, so that the next who has it costs no evaluation."""
        if any(flag.schedule for flag in self.flags.view.flags.values()):
            return  # the answer changes with time, and nobody tells
        self._tags[place] = etag
        while len(self._tags) > REMEMBERED:
            self._tags.popitem(last=False)

    def _stream(self, call: Call, version: str) -> dict[str, Any]:
        ticket = self._tickets.issue({"name": call.principal.name, "seen": version})
        uri = f"{call.request.root.rstrip('/')}{EVENTS}?ticket={ticket}"
        return {
            "type": "sse",
            "endpoint": {"requestUri": uri},
            "inactivityDelaySec": INACTIVITY,
        }

    def _events(self, call: Call) -> Response:
        if not call.request.streams:
            raise Refused("not-found")
        if len(self.hub) >= self._streams:
            raise Refused("too-many-requests", headers={"Retry-After": "30"})
        facts = self._tickets.facts(call.text("ticket", 2000)) or {}
        headers = [
            ("Content-Type", "text/event-stream"),
            ("Cache-Control", "no-store"),
            ("X-Accel-Buffering", "no"),
        ]
        return Response(200, headers, stream=Refetch(self.hub, str(facts.get("seen"))))

    # -- flags

    def _there(self, name: str) -> bool:
        flags = self.flags
        if name in flags.known or name in flags.view.errors:
            return True
        return any(name in override.answers for override in flags.overrides)

    def _is_public(self, name: str) -> bool:
        declaration = self.flags.declared.get(name)
        return declaration is not None and declaration.public

    def _texts(self, name: str) -> bool:
        flag = self.flags.view.flags.get(name)
        return flag is not None and bool(flag.rule.variants)


#: What OFREP calls a problem with a request's body: all of them are 400 there.
_CODES = {
    "body": "PARSE_ERROR",
    "too-large": "PARSE_ERROR",
    "media-type": "PARSE_ERROR",
    "query": "GENERAL",
    "shape": "INVALID_CONTEXT",
}


def _origin(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or text != f"{parts.scheme}://{parts.netloc}":
        raise ValueError(f"{text!r} is no origin: write it as https://shop.example")
    return text
