"""Everything that is refused, as RFC 9457 problems with JSON pointers, and which error is which."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from confkit.admin.masking import masked
from confkit.admin.messages import Response, dumps
from confkit.errors import (
    ConfkitError,
    FileChanged,
    FlagConflict,
    InvalidConfig,
    InvalidFlag,
    InvalidSource,
    MissingExtra,
    NotWritable,
    Problem,
    SaveError,
    Shadowed,
    StoreDoubted,
    StoreError,
    UnknownFlag,
    UnknownKey,
)
from confkit.keypath import split
from confkit.redaction import mask_text

#: What every problem is called, and the status it is answered with.
KINDS: Mapping[str, tuple[int, str]] = {
    "unauthenticated": (401, "Who asks is not known"),
    "forbidden": (403, "This principal may not do that"),
    "other-origin": (403, "The request comes from a page of another origin"),
    "too-many-requests": (429, "Too many requests"),
    "not-found": (404, "There is no such resource"),
    "unknown-flag": (404, "There is no such flag"),
    "unknown-version": (404, "There is no such version"),
    "method": (405, "The resource does not have this method"),
    "media-type": (415, "The body has another media type"),
    "too-large": (413, "The body is too large"),
    "body": (400, "The body cannot be read"),
    "query": (400, "A parameter cannot be read"),
    "shape": (422, "The body has another shape"),
    "masked": (422, "The body holds a masked value"),
    "invalid": (422, "The result would not be valid"),
    "precondition-required": (428, "If-Match is missing"),
    "stale": (412, "It changed since it was read"),
    "conflict": (409, "It cannot be applied to what is there"),
    "shadowed": (409, "A higher layer sets the key"),
    "not-persistable": (409, "The value cannot be written to a file"),
    "doubted": (409, "The store is not believed"),
    "unavailable": (503, "Nothing was written"),
    "internal": (500, "The request failed"),
}
#: Seconds after which a client may try again what a store or a disk refused.
RETRY_AFTER = 2


class Refused(ConfkitError):
    """A request is refused: caught by the API, which answers the problem."""

    def __init__(
        self,
        kind: str,
        detail: str = "",
        *,
        errors: Iterable[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        self.kind, self.detail = kind, detail
        self.errors = [dict(error) for error in errors]
        self.headers, self.more = dict(headers or {}), more
        super().__init__(kind)


def response(refused: Refused) -> Response:
    """The answer: ``application/problem+json``, secrets masked."""
    status, title = KINDS[refused.kind]
    problem: dict[str, Any] = {
        "type": f"urn:confkit:problem:{refused.kind}",
        "title": title,
        "status": status,
    }
    if refused.detail:
        problem["detail"] = mask_text(refused.detail)
    if refused.errors:
        # Pointers too: a name in a body may be a secret that was put in the wrong place.
        problem["errors"] = masked(refused.errors)
    problem.update(refused.more)
    headers = {"Content-Type": "application/problem+json", "Cache-Control": "no-store"}
    return Response(status, [*{**headers, **refused.headers}.items()], dumps(problem))


def pointer(path: Iterable[str | int]) -> str:
    """The JSON pointer of a path (RFC 6901).

    >>> pointer(["levels", "a/b"])
    '/levels/a~1b'
    """
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in path)


def from_error(error: Exception) -> Refused | None:
    """What an error of ours is answered with; None for one that nobody expects."""
    if isinstance(error, Refused):
        return error
    if isinstance(error, InvalidConfig | InvalidSource):
        return Refused("invalid", "the settings would not hold", errors=_listed(error.problems))
    if isinstance(error, InvalidFlag):
        kind = "the flag would not hold"
        return Refused("invalid", kind, errors=_listed(error.problems))
    kind = next((kind for one, kind in _BY_CLASS.items() if isinstance(error, one)), "")
    if not kind:
        return None
    later = {"Retry-After": str(RETRY_AFTER)} if kind == "unavailable" else None
    return Refused(kind, _text(error), headers=later)


#: Looked through in order: a class before those that it is derived from.
_BY_CLASS: Mapping[type[Exception], str] = {
    Shadowed: "shadowed",
    FileChanged: "stale",
    NotWritable: "unavailable",
    SaveError: "not-persistable",
    MissingExtra: "not-persistable",
    FlagConflict: "stale",
    UnknownFlag: "unknown-flag",
    UnknownKey: "unknown-version",
    StoreDoubted: "doubted",
    StoreError: "unavailable",
}


def _text(error: Exception) -> str:
    return str(error.args[0]) if error.args else ""


def _listed(problems: Iterable[Problem]) -> list[dict[str, Any]]:
    return [
        {
            "pointer": pointer(_path(problem.key)),
            "detail": "; ".join(filter(None, (problem.message, problem.hint))),
            "code": problem.code,
            "origin": _origin(problem),
        }
        for problem in problems
    ]


def _origin(problem: Problem) -> str | None:
    """Where the value was set; None for the body of the request itself."""
    if problem.origin is None or problem.origin.kind == "override":
        return None
    return str(problem.origin)


def _path(key: str) -> Iterable[str | int]:
    try:
        return split(key) if key else ()
    except ValueError:  # the field of a flag, which is no key
        return (key,)
