"""The table of routes: what answers which method of which path, and for whom."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from confkit.admin.bodies import check_media_type, object_of, parse, read
from confkit.admin.limits import Limits
from confkit.admin.messages import Principal, Request, Response
from confkit.admin.problems import Refused

#: Texts that switch a parameter on or off.
_SWITCH = {"1": True, "true": True, "": True, "0": False, "false": False}


class Parameter(NamedTuple):
    """A parameter of the query: its name, its JSON Schema, what it does."""

    name: str
    schema: Mapping[str, Any]
    summary: str


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one path.

    :ivar path: with names in braces, each of which is one part: ``/feature-flags/{name}``.
    :ivar action: the grant that it needs.
    :ivar bodies: the schema of a body by its media type; without any, no body is read.
    :ivar answers: the schema of a body by status, None for none; problems are not listed.
    :ivar problems: the statuses of the problems that it can have beside those of every route.
    """

    method: str
    path: str
    action: str
    summary: str
    handler: Callable[[Call], Response]
    bodies: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    needs_body: bool = True
    parameters: Sequence[Parameter] = ()
    answers: Mapping[int, Mapping[str, Any] | None] = field(default_factory=dict)
    problems: Sequence[int] = ()
    conditional: bool = False

    @property
    def writes(self) -> bool:
        """Whether it changes something, and counts as a change for the limits."""
        return self.action.endswith(":write")


@dataclass(slots=True)
class Call:
    """One request that a route was found for."""

    request: Request
    route: Route
    principal: Principal
    limits: Limits
    #: the parts of the path that the route names
    names: Mapping[str, str]
    query: Mapping[str, list[str]] = field(default_factory=dict)
    media_type: str = ""
    content: Any = None

    def take(self) -> None:
        """Read the query and the body, and refuse what the route does not know.

        :raises Refused: 400, 413, 415.
        """
        try:
            self.query = self.request.parameters()
        except ValueError:
            raise Refused("query", "there are too many parameters") from None
        known = [parameter.name for parameter in self.route.parameters]
        for name in self.query:
            if name not in known:
                raise Refused("query", f"there is no parameter {name[:80]!r}")
        if not self.route.bodies:
            return
        if not self.route.needs_body and self._empty():
            self.content = {}
            return
        self.media_type = check_media_type(self.request, list(self.route.bodies))
        body = read(self.request, self.limits)
        if not body and not self.route.needs_body:
            self.content = {}
            return
        self.content = parse(body, self.limits)

    def _empty(self) -> bool:
        headers = self.request.headers
        sized = headers.get("content-length", "").strip() not in ("", "0")
        return not sized and "transfer-encoding" not in headers

    def fields(self, allowed: Sequence[str]) -> dict[str, Any]:
        """The body as an object that holds nothing beside ``allowed``.

        :raises Refused: 422 with a pointer to every other name.
        """
        found = object_of(self.content)
        errors = [{"pointer": f"/{n}", "detail": "is unknown"} for n in found if n not in allowed]
        if errors:
            raise Refused("shape", "the body holds unknown names", errors=errors)
        return found

    def whole(self, name: str, allowed: Sequence[str]) -> int:
        """A field of the body that is a whole number from 1 on; ``allowed`` as for :meth:`fields`.

        :raises Refused: 422 for any other, and for a field that there is not.
        """
        value: Any = self.fields(allowed).get(name)
        whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
        if not whole or isinstance(value, bool) or value < 1:
            errors = [{"pointer": f"/{name}", "detail": "is a whole number from 1 on"}]
            raise Refused("shape", f"{name} is a whole number from 1 on", errors=errors)
        return int(value)

    def switch(self, name: str) -> bool:
        """Whether a parameter is set to ``1`` or ``true``.

        :raises Refused: 400 for another text.
        """
        values = self.query.get(name, ["0"])
        if len(values) > 1 or values[0].lower() not in _SWITCH:
            raise Refused("query", f"{name} is 1 or 0")
        return _SWITCH[values[0].lower()]

    def number(self, name: str, default: int, most: int) -> int:
        """A parameter that is a number from 1 to ``most``.

        :raises Refused: 400 for any other.
        """
        values = self.query.get(name, [str(default)])
        text = values[0]
        if len(values) > 1 or not text.isascii() or not text.isdigit() or len(text) > 9:
            raise Refused("query", f"{name} is a number from 1 to {most}")
        if not 1 <= int(text) <= most:
            raise Refused("query", f"{name} is a number from 1 to {most}")
        return int(text)

    def text(self, name: str, most: int = 200) -> str:
        """A parameter that is a text; empty where it is missing.

        :raises Refused: 400 for one that is too long, or there twice.
        """
        values = self.query.get(name, [""])
        if len(values) > 1 or len(values[0]) > most:
            raise Refused("query", f"{name} is one text of at most {most} characters")
        return values[0]


class Found(NamedTuple):
    """The routes of a path by method, and the parts of the path that they name."""

    methods: Mapping[str, Route]
    names: Mapping[str, str]


class Table:
    """Every route, found by its path in as many steps as the path has parts."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self.routes = tuple(routes)
        self._plain: dict[tuple[str, ...], dict[str, Route]] = {}
        self._named: dict[tuple[str, ...], dict[str, Route]] = {}
        for route in routes:
            parts = tuple(route.path.split("/")[1:])
            kind = self._named if "{" in route.path else self._plain
            kind.setdefault(parts, {})[route.method] = route

    def find(self, path: str) -> Found | None:
        """The routes of a path, which is decoded; None where none is. An empty one is ``/``."""
        parts = tuple((path or "/").split("/")[1:])
        if (plain := self._plain.get(parts)) is not None:
            return Found(plain, {})
        for template, methods in self._named.items():
            if len(template) == len(parts):
                names = _names(template, parts)
                if names is not None:
                    return Found(methods, names)
        return None


def _names(template: Sequence[str], parts: Sequence[str]) -> dict[str, str] | None:
    found = {}
    for wanted, part in zip(template, parts, strict=True):
        if wanted.startswith("{"):
            if not part:
                return None
            found[wanted[1:-1]] = part
        elif wanted != part:
            return None
    return found
