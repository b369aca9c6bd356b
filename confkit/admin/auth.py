"""Who asks: bearer tokens kept as hashes, the cookie of the page, and what a principal may do."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Collection, Iterable
from http.cookies import CookieError, SimpleCookie
from typing import Literal
from urllib.parse import urlsplit

from confkit import clocks
from confkit.admin.messages import GRANTS, PUBLIC, Principal, Request
from confkit.near import did_you_mean
from confkit.secret import Secret

#: What ``auth=`` is: gives the principal; None where nobody is known, False where somebody is known
#: and not admitted.
Auth = Callable[[Request], Principal | Literal[False] | None]
#: What ``authorize=`` is: whether a principal may do an action on a resource.
Authorize = Callable[[Principal, str, str], bool]

#: The shortest token that is taken: what is guessed is not shorter.
MIN_TOKEN = 20
#: Seconds for which a session of the page lasts.
SESSION = 8 * 3600
COOKIE = "confkit_session"
#: What every unsafe method is not.
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_HASH = "sha256:"


def new_token() -> Secret:
    """A token with 256 bits from the system's source of randomness."""
    return Secret(secrets.token_urlsafe(32))


def hash_token(token: str | Secret) -> str:
    """What is kept in place of a token: ``sha256:`` and its hash in hexadecimal digits.

    A token is random and long, so a plain hash cannot be turned back.

    :raises ValueError: for a token of fewer than 20 characters.
    """
    text = token.reveal() if isinstance(token, Secret) else token
    if len(text) < MIN_TOKEN:
        raise ValueError(f"a token has at least {MIN_TOKEN} characters: make one with new_token()")
    return _HASH + hashlib.sha256(text.encode()).hexdigest()


class Token:
    """One token, whose it is, and what it grants.

    :param name: how the audit calls its holder; several tokens of one name are for rotation.
    :param token: a ``Secret``, which is hashed at once, or what :func:`hash_token` gave.
    :param grants: of ``config:read``, ``config:write``, ``flags:read``, ``flags:write``,
        ``flags:evaluate``, ``audit:read``, ``status:read``; ``*`` for all of them; or
        ``flags:evaluate:public``, for browsers. None by default.
    :raises ValueError: for a grant that does not exist, and a text that is no hash.
    """

    __slots__ = ("digest", "principal")

    def __init__(self, name: str, token: Secret | str, grants: Iterable[str] = ()) -> None:
        if isinstance(grants, str):
            grants = [grants]
        found = frozenset(grants)
        for grant in found - {*GRANTS, PUBLIC, "*"}:
            raise ValueError(f"there is no grant {grant!r}{did_you_mean(grant, GRANTS, ': ')}")
        if not isinstance(token, Secret) and not _is_hash(token):
            raise ValueError(
                "a token is given as a Secret, or as the hash that hash_token() makes of it"
            )
        self.digest = hash_token(token) if isinstance(token, Secret) else token
        self.principal = Principal(name, found)

    def __repr__(self) -> str:
        return f"<Token of {self.principal.name}>"


def _is_hash(text: object) -> bool:
    digits = text.removeprefix(_HASH) if isinstance(text, str) and text.startswith(_HASH) else ""
    return len(digits) == 64 and set(digits) <= set("0123456789abcdef")


class BearerTokens:
    """``Authorization: Bearer TOKEN`` or ``X-API-Key: TOKEN``, compared with hashes.

    Every hash is compared, and in constant time.

    :param session_key: signs the cookie of the page. Without one it is random, and a session ends
        with the process: give one where several processes answer.
    """

    def __init__(self, *tokens: Token, session_key: Secret | None = None) -> None:
        if not tokens:
            raise ValueError("without a token nobody can be known")
        self._tokens = tokens
        self._key = (
            secrets.token_bytes(32) if session_key is None else session_key.reveal().encode()
        )

    def __repr__(self) -> str:
        return f"<BearerTokens of {', '.join(sorted({t.principal.name for t in self._tokens}))}>"

    def __call__(self, request: Request) -> Principal | None:
        """The holder of the request's token, or of its session."""
        if given := bearer(request):
            found = self._holder(given)
            return None if found is None else found.principal
        return self._of_session(request)

    def _holder(self, given: str) -> Token | None:
        digest = _HASH + hashlib.sha256(given.encode("utf-8", "replace")).hexdigest()
        found = None
        for token in self._tokens:
            if hmac.compare_digest(token.digest, digest):
                found = token
        return found

    def session(self, request: Request) -> str | None:
        """The cookie's value for who sent a token; None for who did not."""
        given = bearer(request)
        held = self._holder(given) if given else None
        if held is None:
            return None
        until = int(clocks.time()) + SESSION
        return f"{until}.{self._signature(until, held)}"

    def _of_session(self, request: Request) -> Principal | None:
        until, _, signature = cookie(request, COOKIE).partition(".")
        if not until.isascii() or not until.isdigit() or len(until) > 12:
            return None
        if int(until) < clocks.time():
            return None
        given, found = signature.encode("utf-8", "replace"), None
        for token in self._tokens:  # a token that is taken away ends its sessions
            if hmac.compare_digest(self._signature(int(until), token).encode(), given):
                found = token
        return None if found is None else found.principal

    def _signature(self, until: int, token: Token) -> str:
        return hmac.new(self._key, f"{until} {token.digest}".encode(), "sha256").hexdigest()


def bearer(request: Request) -> str:
    """The token in the headers of a request; empty where there is none."""
    scheme, _, token = request.header("authorization").partition(" ")
    if scheme.lower() == "bearer":
        return token.strip()
    return "" if scheme else request.header("x-api-key")


def cookie(request: Request, name: str) -> str:
    """The value of a cookie; empty where it is missing or the header is no list of cookies."""
    try:
        jar: SimpleCookie = SimpleCookie(request.header("cookie"))
    except CookieError:
        return ""
    return jar[name].value if name in jar else ""


def granted(principal: Principal, action: str, resource: str) -> bool:
    """What ``authorize`` is where none is given: an action of the principal's own grants.

    ``page`` and what no route answers is for whoever may do anything at all.
    """
    if action in GRANTS:
        return action in principal.grants or "*" in principal.grants
    if action == PUBLIC:
        return PUBLIC in principal.grants
    return bool(principal.grants)


def same_origin(request: Request, origins: Collection[str] = ()) -> bool:
    """Whether a request that changes something comes from our own page, as far as browsers tell.

    A request with a token of its own is no browser's doing. Without, it must have an ``Origin``
    that is ours or listed, or ``Sec-Fetch-Site: same-origin``.
    """
    if request.method in SAFE or bearer(request):
        return True
    if site := request.header("sec-fetch-site"):
        return site == "same-origin" or request.header("origin") in origins
    origin = request.header("origin")
    if not origin:
        return False
    host = urlsplit(origin).netloc
    return (bool(host) and host == request.header("host")) or origin in origins


def set_cookie(request: Request, value: str) -> str:
    """The header that gives a browser the session; an empty value takes it away.

    Only below the prefix, for no script, and for no request from another site.
    """
    age = SESSION if value else 0
    secure = "; Secure" if request.scheme == "https" else ""
    attributes = f"Path={request.root}; Max-Age={age}; HttpOnly; SameSite=Strict{secure}"
    return f"{COOKIE}={value}; {attributes}"
