"""Strong entity tags, and what If-Match and If-None-Match ask of them."""

from __future__ import annotations

import hashlib
import re

from confkit.admin.messages import Request
from confkit.admin.problems import Refused

_TAG = re.compile(r'\s*(?:(\*)|((?:W/)?"[\x21\x23-\x7e\x80-\xff]*"))\s*(?:,|$)')


def tag(*parts: str | bytes) -> str:
    """The strong tag of some texts.

    >>> tag("a", "b") == tag("a", "b"), tag("ab") == tag("a", "b")
    (True, False)
    """
    made = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "backslashreplace") if isinstance(part, str) else part
        made.update(b"%d:" % len(data))
        made.update(data)
    return f'"{made.hexdigest()[:32]}"'


def listed(header: str) -> list[str]:
    """The tags of a header; ``*`` is one.

    :raises Refused: 400 for a header that is no list of tags.
    """
    found: list[str] = []
    at = 0
    while not found or at < len(header):
        match = _TAG.match(header, at)
        if match is None or len(found) >= 100:
            raise Refused("query", 'an entity tag is written in quotation marks: "0123"')
        found.append(match[1] or match[2])
        at = match.end()
    return found


def unchanged(request: Request, etag: str) -> bool:
    """Whether If-None-Match names the tag, so that a client has what it would get."""
    header = request.headers.get("if-none-match")
    if header is None:
        return False
    return any(one == "*" or one.removeprefix("W/") == etag for one in listed(header))


def check(request: Request, etag: str, *, required: bool) -> None:
    """Whether what a client decided on is what is there.

    :param etag: of what is there; empty where there is nothing.
    :raises Refused: 428 where If-Match is required and missing, 412 with the tag of what is there.
    """
    match, none = _tags(request, "if-match"), _tags(request, "if-none-match")
    held = {"ETag": etag} if etag else {}
    if match is not None and not _named(match, etag):
        raise Refused("stale", "read it again, then decide again", headers=held)
    if none is not None and _named(none, etag):
        raise Refused("stale", "it is there already", headers=held)
    # If-None-Match is a decision only on what is not there.
    if required and match is None and (none is None or etag):
        detail = "send the ETag of what you changed as If-Match, or If-None-Match: * to create"
        raise Refused("precondition-required", detail, headers=held)


def _tags(request: Request, name: str) -> list[str] | None:
    header = request.headers.get(name)
    return None if header is None else listed(header)


def _named(tags: list[str], etag: str) -> bool:
    return bool(etag) and (etag in tags or "*" in tags)
