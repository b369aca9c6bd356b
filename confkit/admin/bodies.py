"""Reading a body: bounded, JSON only, and no value in it that was masked on its way out."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from typing import Any

from confkit.admin.limits import Limits
from confkit.admin.messages import Request
from confkit.admin.problems import Refused, pointer
from confkit.secret import MASK

JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"


class Unreadable(Exception):
    """An adapter could not read a body: it is too slow, cut off, or its framing is wrong."""


def media_type(request: Request) -> str:
    """The media type of a request, without its parameters, in lower case."""
    return request.header("content-type").partition(";")[0].strip().lower()


def check_media_type(request: Request, accepted: Collection[str]) -> str:
    """The media type, one of ``accepted``.

    :raises Refused: 415 with what is accepted.
    """
    found = media_type(request)
    if found not in accepted:
        names = ", ".join(accepted)
        headers = {
            "Accept": names,
            **({"Accept-Patch": names} if request.method == "PATCH" else {}),
        }
        raise Refused("media-type", f"the body has to be {names}", headers=headers)
    return found


def declared(request: Request) -> int | None:
    """The size that a request declares for its body; None where it declares none.

    :raises Refused: 400 for one that is no size.
    """
    text = request.header("content-length").strip()
    if not text:
        return None
    if not text.isascii() or not text.isdigit():
        raise Refused("body", "Content-Length is no size", headers=_CLOSE)
    return int(text[:19])


_CLOSE = {"Connection": "close"}


def read(request: Request, limits: Limits) -> bytes:
    """The body: refused before it is read where it declares to be too large.

    :raises Refused: 413 for one that is too large, 400 for one that cannot be read.
    """
    size = declared(request)
    too_large = Refused("too-large", f"at most {limits.body} bytes", headers=_CLOSE)
    if size is not None and size > limits.body:
        raise too_large
    try:
        body = request.read(limits.body + 1)
    except Unreadable as error:
        raise Refused("body", str(error), headers=_CLOSE) from None
    if len(body) > limits.body:
        raise too_large
    return body


def parse(body: bytes, limits: Limits) -> Any:
    """The JSON value of a body.

    :raises Refused: 400 for what is not JSON: ``NaN``, a name twice in one object, half of a
        surrogate pair, too many levels.
    """
    try:
        text = body.decode("utf-8")
        value = json.loads(text, parse_constant=_no_constant, object_pairs_hook=_once)
        _check(value, limits.depth)
    except UnicodeDecodeError:
        raise Refused("body", "the body is not UTF-8") from None
    except RecursionError:
        raise Refused("body", f"more than {limits.depth} levels") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise Refused("body", f"the body is not JSON ({where})") from None
    except ValueError as error:
        detail = str(error) if isinstance(error, _NotJson) else "a number is too long"
        raise Refused("body", detail) from None
    return value


class _NotJson(ValueError):
    """What Python's reader takes, and JSON does not."""


def _no_constant(text: str) -> Any:
    raise _NotJson(f"{text} is not JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _NotJson("a name is there twice in one object")
    return found


def _check(value: Any, depth: int) -> None:
    if isinstance(value, str):
        if not value.isascii() and any("\ud800" <= c <= "\udfff" for c in value):
            raise _NotJson("a text holds half of a surrogate pair")
    elif isinstance(value, float):
        if value in (float("inf"), float("-inf")):
            raise _NotJson("a number is too large")
    elif isinstance(value, dict | list):
        if depth <= 0:
            raise _NotJson("there are too many levels")
        for inner in value if isinstance(value, list) else (*value, *value.values()):
            _check(inner, depth - 1)


def object_of(value: Any) -> dict[str, Any]:
    """A value that is a JSON object.

    :raises Refused: 422 for any other.
    """
    if not isinstance(value, dict):
        raise Refused("shape", "the body has to be a JSON object")
    return value


def refuse_masked(value: Any) -> None:
    """Refuse what was masked on its way out: writing it back would destroy a secret.

    :raises Refused: 422 with a pointer to every such text.
    """
    places = list(_masked(value, ()))
    if places:
        detail = f"{MASK} stands for a value that was not shown: leave the field out"
        errors = [{"pointer": pointer(path), "detail": detail, "code": "masked"} for path in places]
        raise Refused("masked", detail, errors=errors)


def _masked(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    if isinstance(value, str):
        if MASK in value:
            yield path
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _masked(inner, (*path, name))
            if MASK in name:
                yield (*path, name)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _masked(inner, (*path, index))
